import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { ServiceModule } from "../../wire/service-module.ts";
import type { OAuth2Deps } from "./deps.ts";
import { oauth2Surface } from "./surface.ts";

/**
 * oauth2.googleapis.com and what belongs to it on accounts.google.com and www.googleapis.com: tokens for keys of service
 * accounts, and the public keys that verify them. On a shared port its paths stand at the root (/token, /tokeninfo, ...),
 * so it has to be asked before Cloud Storage, which takes any path for a bucket.
 */
export function oauth2(given: Omit<OAuth2Deps, "clock"> & Pick<ServiceDeps, "realClock">): ServiceModule {
  const deps: OAuth2Deps = { ...given, clock: given.realClock };
  return { name: "oauth2", services: [], rpcs: [], surfaces: [oauth2Surface(deps)] };
}
