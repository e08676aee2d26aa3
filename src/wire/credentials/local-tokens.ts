import { createHash } from "node:crypto";
import type { JWTPayload } from "jose";
import { SignJWT } from "jose/jwt/sign";
import { jwtVerify } from "jose/jwt/verify";
import { exportJWK } from "jose/key/export";
import type { Clock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import { selfSignedCertificate } from "./self-signed-certificate.ts";
import type { SigningKey } from "./signing-keys.ts";
import type { TokenIssuer, TokenOwner } from "./tokens.ts";

/** Issuer of Google's ID tokens; what libraries check. */
const ID_TOKEN_ISSUER = "https://accounts.google.com";
/** Issuers of the other kinds, so that none passes for another. */
const ACCESS_TOKEN_ISSUER = "homerun/access-token";
const REFRESH_TOKEN_ISSUER = "homerun/refresh-token";
/** Google's access and refresh tokens begin with these; some clients look for them. */
const ACCESS_TOKEN_PREFIX = "ya29.";
const REFRESH_TOKEN_PREFIX = "1//";
const HOUR_SECONDS = 3600;
/** Google's certificates of token keys last some weeks; these serve a server for longer than it runs. */
const CERTIFICATE_DAYS = 3650;
const DAY_MS = 24 * HOUR_SECONDS * 1000;

/** Tokens signed with one RSA key of the data folder; stateless, so they survive a restart. */
export function createLocalTokens(key: SigningKey, clock: Clock, ids: Ids): TokenIssuer {
  const signer = createSigner(key, clock);
  let certificate: Promise<string> | undefined;
  return {
    async issueAccessToken(email, scopes, lifetimeSeconds = HOUR_SECONDS) {
      // With an id of its own, a token can be revoked without its likes of the same second.
      const claims = { email, scope: scopes.join(" "), jti: ids.uuid() };
      const jwt = await signer.sign(claims, ACCESS_TOKEN_ISSUER, email, lifetimeSeconds);
      return { token: `${ACCESS_TOKEN_PREFIX}${jwt}`, expiresInSeconds: lifetimeSeconds };
    },
    issueIdToken(email, audience, { includeEmail = true, authorizedParty = subjectOf(email) } = {}) {
      const claims = { aud: audience, azp: authorizedParty, ...(includeEmail && { email, email_verified: true }) };
      return signer.sign(claims, ID_TOKEN_ISSUER, email, HOUR_SECONDS);
    },
    async issueRefreshToken(email) {
      return `${REFRESH_TOKEN_PREFIX}${await signer.sign({ email, jti: ids.uuid() }, REFRESH_TOKEN_ISSUER, email)}`;
    },
    async verifyAccessToken(token) {
      const claims = await signer.verify(token, ACCESS_TOKEN_ISSUER, ACCESS_TOKEN_PREFIX);
      return claims && ownerOf(claims);
    },
    async verifyIdToken(token) {
      const claims = await signer.verify(token, ID_TOKEN_ISSUER);
      return claims && { ...ownerOf(claims), audience: String(claims.aud) };
    },
    async verifyRefreshToken(token) {
      const claims = await signer.verify(token, REFRESH_TOKEN_ISSUER, REFRESH_TOKEN_PREFIX);
      return claims && ownerOf(claims);
    },
    async jwks() {
      const jwk = await exportJWK(key.publicKey);
      return { keys: [{ ...jwk, kid: key.id, alg: "RS256", use: "sig" }] };
    },
    async certificates() {
      const notBeforeMs = clock.nowMs() - DAY_MS;
      const validity = { notBeforeMs, notAfterMs: notBeforeMs + CERTIFICATE_DAYS * DAY_MS };
      certificate ??= selfSignedCertificate(key, "homerun", validity);
      return { [key.id]: await certificate };
    },
  };
}

function createSigner(key: SigningKey, clock: Clock) {
  return {
    /** A JWT about the account of `email`; without a lifetime it does not expire. */
    sign(claims: JWTPayload, issuer: string, email: string, lifetimeSeconds?: number): Promise<string> {
      const issuedAt = Math.floor(clock.nowMs() / 1000);
      const jwt = new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", kid: key.id, typ: "JWT" })
        .setIssuer(issuer)
        .setSubject(subjectOf(email))
        .setIssuedAt(issuedAt);
      if (lifetimeSeconds !== undefined) jwt.setExpirationTime(issuedAt + lifetimeSeconds);
      return jwt.sign(key.privateKey);
    },
    async verify(token: string, issuer: string, prefix = ""): Promise<JWTPayload | undefined> {
      if (!token.startsWith(prefix)) return undefined;
      try {
        const options = { issuer, algorithms: ["RS256"], currentDate: new Date(clock.nowMs()) };
        return (await jwtVerify(token.slice(prefix.length), key.publicKey, options)).payload;
      } catch {
        return undefined;
      }
    },
  };
}

function ownerOf(claims: JWTPayload): TokenOwner {
  const scope = typeof claims["scope"] === "string" ? claims["scope"] : "";
  return {
    email: typeof claims["email"] === "string" ? claims["email"] : "",
    subject: claims.sub ?? "",
    scopes: scope.split(" ").filter(Boolean),
    expireTimeMs: claims.exp === undefined ? Number.POSITIVE_INFINITY : claims.exp * 1000,
  };
}

/** A stable account id of 21 digits, as Google's unique ids have. */
export function subjectOf(email: string): string {
  const digest = createHash("sha256").update(`account/${email}`).digest();
  return `1${String(digest.readBigUInt64BE() % 10n ** 20n).padStart(20, "0")}`;
}
