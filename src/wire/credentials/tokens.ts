/** Issues and verifies OAuth 2 access tokens, refresh tokens and OIDC ID tokens with keys of the data folder. */
export interface TokenIssuer {
  /** A bearer token for Google APIs ("ya29.…"), valid for `lifetimeSeconds` (default 3600). */
  issueAccessToken(email: string, scopes: readonly string[], lifetimeSeconds?: number): Promise<IssuedToken>;
  /** A JWT signed RS256, issuer https://accounts.google.com, valid for an hour, with email and email_verified claims. */
  issueIdToken(email: string, audience: string, options?: IdTokenOptions): Promise<string>;
  /** A token ("1//…") for which the token endpoint gives access tokens of a user; it does not expire. */
  issueRefreshToken(email: string): Promise<string>;
  /** Who an access token belongs to; undefined when it is not ours, expired or broken. */
  verifyAccessToken(token: string): Promise<TokenOwner | undefined>;
  /** Who an ID token belongs to and for which audience; undefined when it is not ours, expired or broken. */
  verifyIdToken(token: string): Promise<(TokenOwner & { readonly audience: string }) | undefined>;
  /** Who a refresh token belongs to; undefined when it is not ours or broken. */
  verifyRefreshToken(token: string): Promise<TokenOwner | undefined>;
  /** The public keys, as a JSON Web Key Set. */
  jwks(): Promise<{ readonly keys: readonly Readonly<Record<string, unknown>>[] }>;
  /** The public keys as self-signed X.509 certificates in PEM, by key id. */
  certificates(): Promise<Readonly<Record<string, string>>>;
}

/**
 * The tokens that count: those of the issuer and what service accounts sign for themselves, without revoked ones and
 * without those of service accounts that are disabled or deleted.
 */
export interface Tokens extends TokenIssuer {
  /** Makes an access or refresh token invalid, durably; false when it is none of ours or was invalid already. */
  revoke(token: string): Promise<boolean>;
}

export interface IdTokenOptions {
  /** Without it, email and email_verified are left out; default true. */
  readonly includeEmail?: boolean;
  /** The azp claim; default: the account's id. */
  readonly authorizedParty?: string;
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
  /** Milliseconds since the Unix epoch; infinite for refresh tokens. */
  readonly expireTimeMs: number;
}
