import { IAMCredentials } from "../../gen/google/iam/credentials/v1/iamcredentials_pb.js";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { ServiceModule } from "../../wire/service-module.ts";
import type { IamCredentialsDeps } from "./deps.ts";
import { generateAccessToken } from "./v1/generateAccessToken.ts";
import { generateIdToken } from "./v1/generateIdToken.ts";
import { signBlob } from "./v1/signBlob.ts";
import { signJwt } from "./v1/signJwt.ts";

/** iamcredentials.googleapis.com: short-lived credentials in the name of a service account. */
export function iamcredentials(
  given: Omit<IamCredentialsDeps, "clock"> & Pick<ServiceDeps, "realClock">,
): ServiceModule {
  const deps: IamCredentialsDeps = { ...given, clock: given.realClock };
  return {
    name: "iamcredentials",
    services: [IAMCredentials],
    rpcs: [generateAccessToken(deps), generateIdToken(deps), signBlob(deps), signJwt(deps)],
  };
}
