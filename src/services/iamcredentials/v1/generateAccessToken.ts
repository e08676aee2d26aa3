import { type Duration, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { IAMCredentials } from "../../../gen/google/iam/credentials/v1/iamcredentials_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { IamCredentialsDeps } from "../deps.ts";
import { invalidLifetime, invalidScope } from "../errors.ts";
import { findSigner } from "../find-signer.ts";
import { MAX_LIFETIME_SECONDS } from "../limits.ts";

/** google.iam.credentials.v1.IAMCredentials.GenerateAccessToken. */
export const generateAccessToken = (deps: IamCredentialsDeps) =>
  rpc(
    IAMCredentials.method.generateAccessToken,
    { permission: "iam.serviceAccounts.getAccessToken", audit: "DATA_READ" },
    async (request) => {
      const { scope, lifetime } = request;
      if (scope.length === 0 || scope.some((each) => !/^\S+$/.test(each))) throw invalidScope();
      const lifetimeSeconds = secondsOf(lifetime);
      const { email } = await findSigner(deps, request);
      const { token } = await deps.tokens.issueAccessToken(email, scope, lifetimeSeconds);
      const issuedSeconds = Math.floor(deps.clock.nowMs() / 1000);
      return { accessToken: token, expireTime: timestampFromMs((issuedSeconds + lifetimeSeconds) * 1000) };
    },
  );

function secondsOf(lifetime: Duration | undefined): number {
  if (!lifetime) return MAX_LIFETIME_SECONDS;
  const seconds = Number(lifetime.seconds) + Math.ceil(lifetime.nanos / 1e9);
  if (seconds <= 0 || seconds > MAX_LIFETIME_SECONDS) throw invalidLifetime(MAX_LIFETIME_SECONDS);
  return seconds;
}
