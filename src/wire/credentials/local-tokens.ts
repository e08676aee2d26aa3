import { createHash } from "node:crypto";
import { exportJWK, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { Clock } from "../../platform/clock.ts";
import type { SigningKey } from "./signing-keys.ts";
import type { TokenOwner, Tokens } from "./tokens.ts";

/** Issuer of Google's ID tokens; what libraries check. */
const ID_TOKEN_ISSUER = "https://accounts.google.com";
/** Issuer of access tokens, so that neither kind passes for the other. */
const ACCESS_TOKEN_ISSUER = "homerun/access-token";
/** Google's access tokens begin with this; some clients look for it. */
const ACCESS_TOKEN_PREFIX = "ya29.";
const HOUR_SECONDS = 3600;

/** Tokens signed with one RSA key of the data folder; stateless, so they survive a restart. */
export function createLocalTokens(key: SigningKey, clock: Clock): Tokens {
  const sign = (claims: JWTPayload, issuer: string, email: string, lifetimeSeconds: number) => {
    const issuedAt = Math.floor(clock.nowMs() / 1000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "RS256", kid: key.id, typ: "JWT" })
      .setIssuer(issuer)
      .setSubject(subjectOf(email))
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + lifetimeSeconds)
      .sign(key.privateKey);
  };
  const verify = async (token: string, issuer: string): Promise<JWTPayload | undefined> => {
    try {
      const options = { issuer, algorithms: ["RS256"], currentDate: new Date(clock.nowMs()) };
      return (await jwtVerify(token, key.publicKey, options)).payload;
    } catch {
      return undefined;
    }
  };
  return {
    async issueAccessToken(email, scopes, lifetimeSeconds = HOUR_SECONDS) {
      const jwt = await sign({ email, scope: scopes.join(" ") }, ACCESS_TOKEN_ISSUER, email, lifetimeSeconds);
      return { token: `${ACCESS_TOKEN_PREFIX}${jwt}`, expiresInSeconds: lifetimeSeconds };
    },
    issueIdToken: (email, audience) =>
      sign({ aud: audience, azp: subjectOf(email), email, email_verified: true }, ID_TOKEN_ISSUER, email, HOUR_SECONDS),
    async verifyAccessToken(token) {
      if (!token.startsWith(ACCESS_TOKEN_PREFIX)) return undefined;
      const claims = await verify(token.slice(ACCESS_TOKEN_PREFIX.length), ACCESS_TOKEN_ISSUER);
      return claims && ownerOf(claims);
    },
    async verifyIdToken(token) {
      const claims = await verify(token, ID_TOKEN_ISSUER);
      return claims && { ...ownerOf(claims), audience: String(claims.aud) };
    },
    async jwks() {
      const jwk = await exportJWK(key.publicKey);
      return { keys: [{ ...jwk, kid: key.id, alg: "RS256", use: "sig" }] };
    },
  };
}

function ownerOf(claims: JWTPayload): TokenOwner {
  const scope = typeof claims["scope"] === "string" ? claims["scope"] : "";
  return { email: String(claims["email"]), subject: claims.sub ?? "", scopes: scope.split(" ").filter(Boolean) };
}

/** A stable account id of 21 digits, as Google's unique ids have. */
export function subjectOf(email: string): string {
  const digest = createHash("sha256").update(`account/${email}`).digest();
  return `1${String(digest.readBigUInt64BE() % 10n ** 20n).padStart(20, "0")}`;
}
