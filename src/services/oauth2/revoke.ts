import type { OAuth2Deps } from "./deps.ts";
import { missingParameter, notRevocable } from "./errors.ts";
import { readParameters } from "./parameters.ts";

/** POST https://oauth2.googleapis.com/revoke: an access or refresh token does not count any more. */
export async function revoke({ tokens }: OAuth2Deps, request: Request): Promise<Response> {
  const token = (await readParameters(request)).get("token");
  if (!token) throw missingParameter("token");
  if (!(await tokens.revoke(token))) throw notRevocable();
  return Response.json({});
}
