/** Issues and verifies OAuth 2 access tokens and OIDC ID tokens with keys of the data folder. */
export interface Tokens {
  /** A bearer token for Google APIs ("ya29.…"), valid for `lifetimeSeconds` (default 3600). */
  issueAccessToken(email: string, scopes: readonly string[], lifetimeSeconds?: number): Promise<IssuedToken>;
  /** A JWT signed RS256, issuer https://accounts.google.com, with email and email_verified claims. */
  issueIdToken(email: string, audience: string): Promise<string>;
  /** Who an access token belongs to; undefined when it is not ours, expired or broken. */
  verifyAccessToken(token: string): Promise<TokenOwner | undefined>;
  /** Who an ID token belongs to and for which audience; undefined when it is not ours, expired or broken. */
  verifyIdToken(token: string): Promise<(TokenOwner & { readonly audience: string }) | undefined>;
  /** The public keys, as a JSON Web Key Set. */
  jwks(): Promise<{ readonly keys: readonly Readonly<Record<string, unknown>>[] }>;
}

export interface IssuedToken {
  readonly token: string;
  readonly expiresInSeconds: number;
}

export interface TokenOwner {
  readonly email: string;
  /** Stable numeric id of the account, 21 digits. */
  readonly subject: string;
  readonly scopes: readonly string[];
}
