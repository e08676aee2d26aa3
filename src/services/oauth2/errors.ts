import { OAuthError } from "./oauth-error.ts";

/** A parameter of the request is absent. */
export function missingParameter(name: string): OAuthError {
  return new OAuthError("invalid_request", `Missing required parameter: ${name}`);
}

/** The body is not a form, or too long to be one. */
export function malformedRequest(): OAuthError {
  return new OAuthError("invalid_request", "Bad Request");
}

/** A grant that homerun does not give, or that does not exist. */
export function unsupportedGrantType(grantType: string): OAuthError {
  return new OAuthError("unsupported_grant_type", `Invalid grant_type: ${grantType}`);
}

/** The assertion has no service account that exists: unknown, deleted or misspelt. */
export function accountNotFound(): OAuthError {
  return new OAuthError("invalid_grant", "Invalid grant: account not found");
}

/** The assertion's service account is disabled. */
export function accountDisabled(): OAuthError {
  return new OAuthError("invalid_grant", "Account disabled");
}

/** No valid key of the service account made the signature: the key was deleted or disabled, or is another account's. */
export function invalidSignature(): OAuthError {
  return new OAuthError("invalid_grant", "Invalid JWT Signature.");
}

/** The assertion is not a JWT that says who issued it. */
export function malformedAssertion(): OAuthError {
  return new OAuthError("invalid_grant", "Bad Request");
}

/** The assertion is meant for somebody else. */
export function wrongAudience(): OAuthError {
  return new OAuthError(
    "invalid_grant",
    "Invalid JWT: Failed audience check. The right audience is https://oauth2.googleapis.com/token",
  );
}

/** The assertion is expired, from the future, or lives for longer than an hour. */
export function untimelyAssertion(): OAuthError {
  const description =
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.";
  return new OAuthError("invalid_grant", description);
}

/** Neither a scope nor a target audience is asked for. */
export function noScope(): OAuthError {
  return new OAuthError("invalid_scope", "Invalid OAuth scope or ID token audience provided.");
}

/** Domain-wide delegation: the service account asks for a token of somebody else. */
export function delegationRefused(): OAuthError {
  const description =
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.";
  return new OAuthError("unauthorized_client", description, 401);
}

/** A refresh token that is not ours, or was revoked. */
export function invalidRefreshToken(): OAuthError {
  return new OAuthError("invalid_grant", "Token has been expired or revoked.");
}

/** Tokeninfo of something that is no valid token. */
export function invalidToken(): OAuthError {
  return new OAuthError("invalid_token", "Invalid Value");
}

/** Revocation of something that is no valid token. */
export function notRevocable(): OAuthError {
  return new OAuthError("invalid_token", "Token expired or revoked");
}

/** Userinfo without an access token. */
export function invalidCredentials(): OAuthError {
  return new OAuthError("invalid_request", "Invalid Credentials", 401);
}

/** Only the machine's owner may become any user. */
export function ownerOnly(): OAuthError {
  return new OAuthError(
    "unauthorized_client",
    "Only a caller without credentials on this machine may ask for this grant.",
    401,
  );
}

/** The parameter is not the e-mail address of a user. */
export function notAUser(email: string): OAuthError {
  const description = `"${email}" is not the e-mail address of a user. For service accounts there are keys and impersonation.`;
  return new OAuthError("invalid_request", description);
}
