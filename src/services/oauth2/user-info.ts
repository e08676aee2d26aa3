import type { TokenOwner } from "../../wire/credentials/tokens.ts";
import type { OAuth2Deps } from "./deps.ts";
import { invalidCredentials } from "./errors.ts";

const EMAIL_SCOPES = ["email", "https://www.googleapis.com/auth/userinfo.email"];
const IDENTITY_SCOPES = [...EMAIL_SCOPES, "openid", "profile", "https://www.googleapis.com/auth/userinfo.profile"];

/** What the scopes of a token tell of its owner. */
export function identityOf({ email, subject, scopes }: TokenOwner): { email?: string; subject?: string } {
  const has = (names: readonly string[]) => scopes.some((scope) => names.includes(scope));
  return { ...(has(IDENTITY_SCOPES) && { subject }), ...(has(EMAIL_SCOPES) && { email }) };
}

/** GET https://www.googleapis.com/oauth2/v3/userinfo (OpenID Connect Core, section 5.3). */
export async function userInfo(deps: OAuth2Deps, request: Request): Promise<Response> {
  const { subject, email } = await identify(deps, request);
  return Response.json({ sub: subject, ...(email && { email, email_verified: true }) });
}

/** GET https://www.googleapis.com/oauth2/v1/userinfo and v2: the same in the older form. */
export async function userInfoV1(deps: OAuth2Deps, request: Request): Promise<Response> {
  const { subject, email } = await identify(deps, request);
  return Response.json({ id: subject, ...(email && { email, verified_email: true }) });
}

async function identify({ tokens }: OAuth2Deps, request: Request): Promise<{ subject: string; email?: string }> {
  const token = bearerOf(request) || (new URL(request.url).searchParams.get("access_token") ?? "");
  const owner = await tokens.verifyAccessToken(token);
  const { subject, ...rest } = owner ? identityOf(owner) : {};
  if (subject === undefined) throw invalidCredentials();
  return { subject, ...rest };
}

/** The access token in a request's Authorization header; "" without one. */
export function bearerOf(request: Request): string {
  return /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
}
