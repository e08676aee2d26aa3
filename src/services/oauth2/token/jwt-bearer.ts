import type { JWTPayload } from "jose";
import { decodeJwt } from "jose/jwt/decode";
import type { ServiceAccount } from "../../../wire/credentials/service-accounts/account.ts";
import { verifySignedJwt } from "../../../wire/credentials/service-accounts/verify-signed-jwt.ts";
import type { OAuth2Deps } from "../deps.ts";
import {
  accountDisabled,
  accountNotFound,
  delegationRefused,
  invalidSignature,
  malformedAssertion,
  missingParameter,
  noScope,
  untimelyAssertion,
  wrongAudience,
} from "../errors.ts";
import type { TokenAnswer } from "./token.ts";

/** Clients take any of Google's token endpoints as the audience, whatever the key's token_uri says. */
const GOOGLE_AUDIENCES = [
  "https://oauth2.googleapis.com/token",
  "https://accounts.google.com/o/oauth2/token",
  "https://www.googleapis.com/oauth2/v3/token",
  "https://www.googleapis.com/oauth2/v4/token",
];
const HOUR_SECONDS = 3600;
/** How far clocks may differ. */
const SKEW_SECONDS = 300;

/**
 * Tokens for a JWT that a service account signed with its key (RFC 7523): an access token for the claim "scope", an ID
 * token for the claim "target_audience". `origin` is where the client reached this server.
 */
export async function grantJwtBearer(
  { tokens, serviceAccounts, clock }: OAuth2Deps,
  parameters: ReadonlyMap<string, string>,
  origin: string,
): Promise<TokenAnswer> {
  const assertion = parameters.get("assertion");
  if (!assertion) throw missingParameter("assertion");
  const account = await issuerOf(assertion, serviceAccounts);
  const verified = await verifySignedJwt(assertion, serviceAccounts.keys);
  if (!verified) throw invalidSignature();
  const { claims } = verified;
  checkAudience(claims.aud, origin);
  checkTimes(claims, clock.nowMs() / 1000);
  if (claims.sub !== undefined && claims.sub !== account.email) throw delegationRefused();

  const { scope, target_audience: audience } = claims;
  const scopes = typeof scope === "string" ? scope.split(/[ ,]/).filter(Boolean) : [];
  if (scopes.length === 0 && !isText(audience)) throw noScope();
  return {
    ...(scopes.length > 0 && bearer(await tokens.issueAccessToken(account.email, scopes))),
    ...(isText(audience) && {
      id_token: await tokens.issueIdToken(account.email, audience, { authorizedParty: account.email }),
    }),
  };
}

/** The body of an answer with an access token; Google rounds the lifetime down. */
export function bearer({ token, expiresInSeconds }: { token: string; expiresInSeconds: number }) {
  return { access_token: token, expires_in: expiresInSeconds - 1, token_type: "Bearer" } as const;
}

async function issuerOf(assertion: string, serviceAccounts: OAuth2Deps["serviceAccounts"]): Promise<ServiceAccount> {
  const { iss } = decode(assertion);
  if (!iss) throw malformedAssertion();
  const account = await serviceAccounts.find(iss);
  if (!account || account.email !== iss) throw accountNotFound();
  if (account.disabled) throw accountDisabled();
  return account;
}

function decode(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion);
  } catch {
    throw malformedAssertion();
  }
}

function checkAudience(audience: JWTPayload["aud"], origin: string): void {
  const accepted = [...GOOGLE_AUDIENCES, `${origin}/token`, `${origin}/oauth2/token`];
  if (![audience].flat().some((each) => each !== undefined && accepted.includes(each))) throw wrongAudience();
}

function checkTimes({ iat = Number.NaN, exp = Number.NaN }: JWTPayload, nowSeconds: number): void {
  const isTimely = iat <= nowSeconds + SKEW_SECONDS && exp > nowSeconds - SKEW_SECONDS && exp - iat <= HOUR_SECONDS;
  if (!isTimely) throw untimelyAssertion();
}

function isText(claim: unknown): claim is string {
  return typeof claim === "string" && claim !== "";
}
