import type { JWTPayload } from "jose";
import { decodeProtectedHeader } from "jose/decode/protected_header";
import { compactVerify } from "jose/jws/compact/verify";
import type { ServiceAccountKeys } from "./keys.ts";

/** What a service account asserts in a JWT that it signed; times are not checked. */
export interface SignedAssertion {
  /** E-mail address of the account: the "iss" claim. */
  readonly email: string;
  readonly claims: JWTPayload;
}

/** The claims of a JWT signed RS256 by a key of the service account that its "iss" claim names; undefined when it is not. */
export async function verifySignedJwt(
  jwt: string,
  keys: Pick<ServiceAccountKeys, "publicKeysOf">,
): Promise<SignedAssertion | undefined> {
  try {
    const claims = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString("utf8")) as JWTPayload;
    const email = claims.iss ?? "";
    const { kid } = decodeProtectedHeader(jwt);
    // Old clients leave "kid" out: then any key of the account may fit.
    const candidates = (await keys.publicKeysOf(email)).filter(({ id }) => kid === undefined || id === kid);
    for (const { key } of candidates) if (await isSignedBy(jwt, key)) return { email, claims };
    return undefined;
  } catch {
    return undefined;
  }
}

async function isSignedBy(jwt: string, key: Parameters<typeof compactVerify>[1]): Promise<boolean> {
  try {
    await compactVerify(jwt, key, { algorithms: ["RS256"] });
    return true;
  } catch {
    return false;
  }
}
