import { createRegistryHandler } from "../../../oci/distribution/handler.ts";
import { errorResponse, unauthorized } from "../../../oci/distribution/errors.ts";
import type { Surface } from "../../../wire/service-module.ts";
import type { RegistryModel } from "../model.ts";
import { dockerAudit } from "./audit.ts";
import { challengeOf, createAuthorize } from "./authorize.ts";
import { createPlaceOf, remembering } from "./place-of.ts";
import { createRegistryStorage } from "./registry-storage.ts";
import { answerToken } from "./token.ts";

const HOSTS = /^[a-z0-9-]+-docker\.pkg\.dev$/;
/** Only paths of the registry protocol: other APIs have a /v2/, too. */
const PATHS = /^\/v2(\/?|\/token|\/.+\/(blobs|manifests|tags|referrers)\/.*)$/;

/** The registry protocol (distribution-spec 1.1) at L-docker.pkg.dev and on a shared port. */
export function dockerSurface(model: RegistryModel): Surface {
  return {
    hosts: HOSTS,
    matches: (path) => PATHS.test(path),
    audit: (request) => dockerAudit(model, request),
    async fetch(request, call) {
      const { hostname, pathname } = new URL(request.url);
      if (pathname === "/v2/token") return answerToken(model, request, call);
      if (/^\/v2\/?$/.test(pathname) && call.principal.kind === "anonymous") {
        return errorResponse(unauthorized(challengeOf(call.origin)));
      }
      const placeOf = remembering(createPlaceOf(model, hostname));
      const handle = createRegistryHandler({ storage: createRegistryStorage(model, placeOf), ids: model.ids });
      return handle(request, createAuthorize(model, call, placeOf));
    },
  };
}
