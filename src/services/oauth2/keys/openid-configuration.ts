import { publicJson } from "./public-json.ts";

/** GET https://accounts.google.com/.well-known/openid-configuration: what of OpenID Connect Discovery is served here. */
export function openidConfiguration(): Response {
  return publicJson({
    issuer: "https://accounts.google.com",
    token_endpoint: "https://oauth2.googleapis.com/token",
    userinfo_endpoint: "https://openidconnect.googleapis.com/v1/userinfo",
    revocation_endpoint: "https://oauth2.googleapis.com/revoke",
    jwks_uri: "https://www.googleapis.com/oauth2/v3/certs",
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid", "email", "profile"],
    token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
    claims_supported: ["aud", "email", "email_verified", "exp", "iat", "iss", "sub"],
    grant_types_supported: ["refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
  });
}
