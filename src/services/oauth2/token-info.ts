import type { TokenOwner } from "../../wire/credentials/tokens.ts";
import type { OAuth2Deps } from "./deps.ts";
import { invalidToken } from "./errors.ts";
import { readParameters } from "./parameters.ts";
import { bearerOf, identityOf } from "./user-info.ts";

/** GET https://oauth2.googleapis.com/tokeninfo: what an access token or an ID token says, in the form of v3. */
export async function tokenInfo(deps: OAuth2Deps, request: Request): Promise<Response> {
  const parameters = await readParameters(request);
  const idToken = parameters.get("id_token");
  if (idToken) return Response.json(await idTokenClaims(deps, idToken));
  const owner = await ownerOf(deps, request, parameters);
  const { email, subject } = identityOf(owner);
  return Response.json({
    azp: owner.subject,
    aud: owner.subject,
    ...(subject && { sub: subject }),
    scope: owner.scopes.join(" "),
    exp: String(Math.floor(owner.expireTimeMs / 1000)),
    expires_in: String(secondsLeft(deps, owner)),
    ...(email && { email, email_verified: "true" }),
    access_type: accessType(owner),
  });
}

/** GET https://www.googleapis.com/oauth2/v1/tokeninfo: the same in the older form. */
export async function tokenInfoV1(deps: OAuth2Deps, request: Request): Promise<Response> {
  const owner = await ownerOf(deps, request, await readParameters(request));
  const { email, subject } = identityOf(owner);
  return Response.json({
    issued_to: owner.subject,
    audience: owner.subject,
    ...(subject && { user_id: subject }),
    scope: owner.scopes.join(" "),
    expires_in: secondsLeft(deps, owner),
    ...(email && { email, verified_email: true }),
    access_type: accessType(owner),
  });
}

/** Claims of an ID token, all as text. */
async function idTokenClaims({ tokens }: OAuth2Deps, idToken: string): Promise<Record<string, string>> {
  if (!(await tokens.verifyIdToken(idToken))) throw invalidToken();
  const parts = idToken.split(".").slice(0, 2);
  const [header, claims] = parts.map((part) => JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as object);
  return Object.fromEntries(Object.entries({ ...claims, ...header }).map(([name, value]) => [name, String(value)]));
}

async function ownerOf(
  { tokens }: OAuth2Deps,
  request: Request,
  parameters: ReadonlyMap<string, string>,
): Promise<TokenOwner> {
  const owner = await tokens.verifyAccessToken(parameters.get("access_token") ?? bearerOf(request));
  if (!owner) throw invalidToken();
  return owner;
}

function secondsLeft({ clock }: OAuth2Deps, { expireTimeMs }: TokenOwner): number {
  return Math.floor((expireTimeMs - clock.nowMs()) / 1000);
}

function accessType({ email }: TokenOwner): string {
  return email.endsWith("gserviceaccount.com") ? "online" : "offline";
}
