import { errorResponse, unauthorized } from "../../../oci/distribution/errors.ts";
import type { Call } from "../../../wire/call.ts";
import { principalEmail } from "../../../wire/credentials/principal.ts";
import type { RegistryModel } from "../model.ts";
import { challengeOf } from "./authorize.ts";

/**
 * GET /v2/token, where docker trades a login for a bearer token (distribution's token authentication). The login is
 * "oauth2accesstoken" with an access token as password, as `gcloud auth configure-docker` makes it; a caller who is known
 * without one gets a token in his own name.
 */
export async function answerToken({ tokens }: RegistryModel, request: Request, call: Call): Promise<Response> {
  const login = loginOf(request.headers.get("authorization"));
  const owner = login?.username === "oauth2accesstoken" ? await tokens.verifyAccessToken(login.password) : undefined;
  const refused = login ? !owner : call.principal.kind === "anonymous";
  if (refused) return errorResponse(unauthorized(challengeOf(call.origin)));
  const issued = login
    ? { token: login.password, expiresInSeconds: 3600 }
    : await tokens.issueAccessToken(principalEmail(call.principal), []);
  return Response.json({ token: issued.token, access_token: issued.token, expires_in: issued.expiresInSeconds });
}

function loginOf(authorization: string | null): { username: string; password: string } | undefined {
  const encoded = /^Basic (.+)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return { username: text.slice(0, Math.max(colon, 0)), password: text.slice(colon + 1) };
}
