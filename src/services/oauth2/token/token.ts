import type { Call } from "../../../wire/call.ts";
import type { OAuth2Deps } from "../deps.ts";
import { missingParameter, unsupportedGrantType } from "../errors.ts";
import { readParameters } from "../parameters.ts";
import { grantJwtBearer } from "./jwt-bearer.ts";
import { grantLocalUser } from "./local-user.ts";
import { grantRefreshToken } from "./refresh-token.ts";

/** What a token endpoint answers (RFC 6749, section 5.1). */
export interface TokenAnswer {
  readonly access_token?: string;
  readonly expires_in?: number;
  readonly token_type?: "Bearer";
  readonly id_token?: string;
  readonly scope?: string;
  readonly refresh_token?: string;
}

/** POST https://oauth2.googleapis.com/token. */
export async function token(deps: OAuth2Deps, request: Request, call: Call): Promise<Response> {
  const parameters = await readParameters(request);
  const grantType = parameters.get("grant_type");
  if (!grantType) throw missingParameter("grant_type");
  return Response.json(await grant(deps, grantType, parameters, call), { headers: { "cache-control": "no-store" } });
}

function grant(
  deps: OAuth2Deps,
  grantType: string,
  parameters: ReadonlyMap<string, string>,
  { origin, principal }: Call,
): Promise<TokenAnswer> {
  switch (grantType) {
    case "urn:ietf:params:oauth:grant-type:jwt-bearer":
      return grantJwtBearer(deps, parameters, origin);
    case "refresh_token":
      return grantRefreshToken(deps, parameters);
    // RFC 6749, section 4.5: further grants are named by absolute URIs.
    case "urn:homerun:params:oauth:grant-type:local-user":
      return grantLocalUser(deps, parameters, principal);
    default:
      throw unsupportedGrantType(grantType);
  }
}
