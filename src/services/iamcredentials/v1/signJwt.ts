import type { JWTPayload } from "jose";
import { SignJWT } from "jose/jwt/sign";
import { IAMCredentials } from "../../../gen/google/iam/credentials/v1/iamcredentials_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { IamCredentialsDeps } from "../deps.ts";
import { invalidPayload } from "../errors.ts";
import { findSigner } from "../find-signer.ts";
import { MAX_JWT_SECONDS } from "../limits.ts";

/** google.iam.credentials.v1.IAMCredentials.SignJwt: RS256, by the account's system-managed key. */
export const signJwt = (deps: IamCredentialsDeps) =>
  rpc(
    IAMCredentials.method.signJwt,
    { permission: "iam.serviceAccounts.signJwt", audit: "DATA_READ" },
    async (request) => {
      const claims = parseClaims(request.payload);
      checkExpiry(claims.exp, deps.clock.nowMs() / 1000);
      const key = await deps.serviceAccounts.keys.systemKeyOf(await findSigner(deps, request));
      const jwt = new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: key.id, typ: "JWT" });
      return { keyId: key.id, signedJwt: await jwt.sign(key.privateKey) };
    },
  );

function parseClaims(payload: string): JWTPayload {
  try {
    const claims: unknown = JSON.parse(payload);
    if (typeof claims === "object" && claims !== null && !Array.isArray(claims)) return claims as JWTPayload;
  } catch {
    // Told below, as for JSON that is no object.
  }
  throw invalidPayload("The payload must be a JSON object that holds a JWT claims set.");
}

function checkExpiry(exp: unknown, nowSeconds: number): void {
  if (exp === undefined) return;
  const isTime = typeof exp === "number" && Number.isInteger(exp);
  if (!isTime || exp <= nowSeconds || exp > nowSeconds + MAX_JWT_SECONDS)
    throw invalidPayload(
      "The claim exp must be an integer timestamp, not in the past and at most 12 hours in the future.",
    );
}
