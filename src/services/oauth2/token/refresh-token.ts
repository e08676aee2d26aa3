import type { OAuth2Deps } from "../deps.ts";
import { invalidRefreshToken, missingParameter } from "../errors.ts";
import { bearer } from "./jwt-bearer.ts";
import type { TokenAnswer } from "./token.ts";

/** The scopes of a user who names none: what gcloud asks for when somebody logs in. */
export const USER_SCOPES = [
  "openid",
  "https://www.googleapis.com/auth/userinfo.email",
  "https://www.googleapis.com/auth/cloud-platform",
];

/**
 * Tokens of a user, for a refresh token: an access token and an ID token for the OAuth client. No client is registered
 * here, so any client id is taken; a refresh token counts wherever it was issued by this server.
 */
export async function grantRefreshToken(
  { tokens }: OAuth2Deps,
  parameters: ReadonlyMap<string, string>,
): Promise<TokenAnswer> {
  const refreshToken = parameters.get("refresh_token");
  if (!refreshToken) throw missingParameter("refresh_token");
  const clientId = parameters.get("client_id");
  if (!clientId) throw missingParameter("client_id");
  const owner = await tokens.verifyRefreshToken(refreshToken);
  if (!owner) throw invalidRefreshToken();
  const asked = parameters.get("scope")?.split(" ").filter(Boolean) ?? [];
  const scopes = asked.length > 0 ? asked : USER_SCOPES;
  return {
    ...bearer(await tokens.issueAccessToken(owner.email, scopes)),
    id_token: await tokens.issueIdToken(owner.email, clientId, { authorizedParty: clientId }),
    scope: scopes.join(" "),
  };
}
