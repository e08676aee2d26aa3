import type { Audit } from "../audit/audit.ts";
import type { Call } from "../call.ts";
import type { Principal } from "../credentials/principal.ts";
import type { ServiceModule } from "../service-module.ts";
import { auditedFetch } from "./audited-fetch.ts";
import { findTarget } from "./target.ts";

/** Calls a surface of the server in process; the URL's host selects the module. Answers 404 when nothing matches. */
export function createInProcessFetch(
  modules: () => readonly ServiceModule[],
  newRequestId: () => string,
  audit: () => Audit | undefined,
) {
  return async (request: Request, as: Principal): Promise<Response> => {
    const url = new URL(request.url);
    const target = findTarget(modules(), url.host, url.pathname);
    const surface = target.modules
      .flatMap((module) => module.surfaces ?? [])
      .find((each) => each.matches(target.path, request.method));
    if (!surface) return new Response("not found", { status: 404 });
    const call: Call = {
      principal: as,
      requestId: newRequestId(),
      origin: url.origin,
      callerIp: "in-process",
      userAgent: "homerun",
      signal: request.signal,
    };
    return auditedFetch(audit(), surface, request, call);
  };
}
