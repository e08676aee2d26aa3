/** An error in the form of RFC 6749, section 5.2: { error, error_description }. */
export class OAuthError extends Error {
  override name = "OAuthError";
  /** "invalid_grant", ... */
  readonly error: string;
  readonly httpStatus: number;

  constructor(error: string, description: string, httpStatus = 400) {
    super(description);
    this.error = error;
    this.httpStatus = httpStatus;
  }
}

/** The answer that tells a client of an error. */
export function oauthErrorResponse({ error, message, httpStatus }: OAuthError): Response {
  return Response.json({ error, error_description: message }, { status: httpStatus });
}
