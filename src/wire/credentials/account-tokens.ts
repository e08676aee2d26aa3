import type { Clock } from "../../platform/clock.ts";
import { subjectOf } from "./local-tokens.ts";
import type { Revocations } from "./revocations.ts";
import type { ServiceAccounts } from "./service-accounts/service-accounts.ts";
import { verifySignedJwt } from "./service-accounts/verify-signed-jwt.ts";
import type { TokenIssuer, TokenOwner, Tokens } from "./tokens.ts";

/** How far clocks may differ. */
const SKEW_SECONDS = 300;
const HOUR_SECONDS = 3600;
/** For whom a self-signed JWT may be meant to count as an access token: an API of Google's, or of this machine. */
const API_AUDIENCE = /^https?:\/\/(([a-z0-9-]+\.)*googleapis\.com|([a-z0-9-]+\.)*localhost|127\.0\.0\.1)(:\d+)?\//;
const TOKEN_ENDPOINT = /\/token$/;

export interface AccountTokensDeps {
  readonly issuer: TokenIssuer;
  readonly serviceAccounts: ServiceAccounts;
  readonly revocations: Revocations;
  readonly clock: Clock;
}

/**
 * Tokens that heed service accounts and revocations. JWTs that a service account signs with its own key count as access
 * tokens, too (developers.google.com/identity/protocols/oauth2/service-account, "without OAuth").
 */
export function createAccountTokens({ issuer, serviceAccounts, revocations, clock }: AccountTokensDeps): Tokens {
  const checked = async <Owner extends TokenOwner>(token: string, owner: Owner | undefined) => {
    if (!owner || (await revocations.has(token))) return undefined;
    const email = owner.email || ((await serviceAccounts.find(owner.subject))?.email ?? "");
    return email === "" || (await serviceAccounts.isBlocked(email)) ? undefined : { ...owner, email };
  };
  const tokens: Tokens = {
    ...issuer,
    async verifyAccessToken(token) {
      const owner = token.startsWith("ey") ? await selfSigned(token) : await issuer.verifyAccessToken(token);
      return checked(token, owner);
    },
    verifyIdToken: async (token) => checked(token, await issuer.verifyIdToken(token)),
    verifyRefreshToken: async (token) => checked(token, await issuer.verifyRefreshToken(token)),
    async revoke(token) {
      const owner = (await tokens.verifyAccessToken(token)) ?? (await tokens.verifyRefreshToken(token));
      if (owner) await revocations.add(token, owner.expireTimeMs);
      return owner !== undefined;
    },
  };
  return tokens;

  async function selfSigned(jwt: string): Promise<TokenOwner | undefined> {
    const assertion = await verifySignedJwt(jwt, serviceAccounts.keys);
    if (!assertion) return undefined;
    const { email, claims } = assertion;
    const { aud, iat = Number.NaN, exp = Number.NaN, sub, scope } = claims;
    const nowSeconds = clock.nowMs() / 1000;
    const isTimely = iat <= nowSeconds + SKEW_SECONDS && exp > nowSeconds && exp - iat <= HOUR_SECONDS;
    const isForApi = aud === undefined ? typeof scope === "string" : isApiAudience(aud);
    if (!isTimely || !isForApi || (sub !== undefined && sub !== email)) return undefined;
    const scopes = typeof scope === "string" ? scope.split(" ").filter(Boolean) : [];
    return { email, subject: subjectOf(email), scopes, expireTimeMs: exp * 1000 };
  }
}

function isApiAudience(audience: string | string[]): boolean {
  return [audience].flat().every((each) => API_AUDIENCE.test(each) && !TOKEN_ENDPOINT.test(each));
}
