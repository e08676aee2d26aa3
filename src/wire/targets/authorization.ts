import type { Tokens } from "../credentials/tokens.ts";
import { invalidArgument } from "../errors.ts";

const DEFAULT_SCOPE = "https://www.googleapis.com/auth/cloud-platform";

/** The oneof authorization_header of HTTP targets; its messages are the same in both APIs. */
export type TargetAuthorization =
  | { readonly case: "oauthToken"; readonly value: { readonly serviceAccountEmail: string; readonly scope: string } }
  | { readonly case: "oidcToken"; readonly value: { readonly serviceAccountEmail: string; readonly audience: string } }
  | { readonly case: undefined };

/** The Authorization header of a request to `url`; undefined when the target asks for none. An ID token is by default for the URL. */
export async function authorizationOf(
  tokens: Pick<Tokens, "issueAccessToken" | "issueIdToken">,
  authorization: TargetAuthorization,
  url: string,
): Promise<string | undefined> {
  if (authorization.case === undefined) return undefined;
  const { serviceAccountEmail } = authorization.value;
  if (authorization.case === "oidcToken")
    return `Bearer ${await tokens.issueIdToken(serviceAccountEmail, authorization.value.audience || url)}`;
  const scopes = (authorization.value.scope || DEFAULT_SCOPE).split(/[\s,]+/);
  return `Bearer ${(await tokens.issueAccessToken(serviceAccountEmail, scopes)).token}`;
}

/** Rejects a token without the e-mail address of a service account; `field` is the target's, for errors. */
export function checkAuthorization(authorization: TargetAuthorization, field: string): void {
  if (authorization.case === undefined) return;
  if (/^[^@\s]+@[^@\s]+$/.test(authorization.value.serviceAccountEmail)) return;
  const name = authorization.case === "oidcToken" ? "oidc_token" : "oauth_token";
  const description = `${field}.${name}.service_account_email must be the email of a service account.`;
  throw invalidArgument(description, [{ field: `${field}.${name}.service_account_email`, description }]);
}
