import { OWNER_EMAIL, type Principal } from "../../../wire/credentials/principal.ts";
import type { OAuth2Deps } from "../deps.ts";
import { notAUser, ownerOnly } from "../errors.ts";
import { bearer } from "./jwt-bearer.ts";
import { USER_SCOPES } from "./refresh-token.ts";
import type { TokenAnswer } from "./token.ts";

const EMAIL = /^[^\s@]+@[^\s@]+$/;

/**
 * Tokens and a refresh token of any user, for the machine's owner: what a login in a browser gives elsewhere.
 * It lets nobody do more than before, since the owner may do everything.
 */
export async function grantLocalUser(
  { tokens }: OAuth2Deps,
  parameters: ReadonlyMap<string, string>,
  principal: Principal,
): Promise<TokenAnswer> {
  if (principal.kind !== "owner") throw ownerOnly();
  const email = parameters.get("email") ?? "";
  if (!EMAIL.test(email) || email.endsWith("gserviceaccount.com") || email === OWNER_EMAIL) throw notAUser(email);
  return {
    ...bearer(await tokens.issueAccessToken(email, USER_SCOPES)),
    refresh_token: await tokens.issueRefreshToken(email),
    scope: USER_SCOPES.join(" "),
  };
}
