import type { OAuth2Deps } from "../deps.ts";
import { publicJson } from "./public-json.ts";

/** GET https://www.googleapis.com/oauth2/v3/certs: the keys that sign ID tokens, as a JSON Web Key Set. */
export async function jwks({ tokens }: OAuth2Deps): Promise<Response> {
  return publicJson(await tokens.jwks());
}

/** GET https://www.googleapis.com/oauth2/v1/certs: the same as X.509 certificates by key id. */
export async function certificates({ tokens }: OAuth2Deps): Promise<Response> {
  return publicJson(await tokens.certificates());
}
