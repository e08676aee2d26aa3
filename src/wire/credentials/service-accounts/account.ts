/** A service account, as far as credentials go. */
export interface ServiceAccount {
  readonly email: string;
  /** 21 digits; derived from the e-mail address, and the "sub" of the account's tokens. */
  readonly uniqueId: string;
  readonly projectId: string;
  readonly displayName: string;
  readonly description: string;
  readonly disabled: boolean;
  /** Raised by each write; 0 for a default account that was never changed. */
  readonly version: number;
}

/** A key pair of a service account. */
export interface ServiceAccountKey {
  /** 40 hex digits, the "kid" of what it signs. */
  readonly id: string;
  /** E-mail address of the account. */
  readonly email: string;
  /** USER_MANAGED: the user holds the private key; SYSTEM_MANAGED: this server does. Google: iam.proto, KeyType. */
  readonly type: "USER_MANAGED" | "SYSTEM_MANAGED";
  readonly disabled: boolean;
  /** Self-signed X.509 certificate of the public key, PEM. */
  readonly certificate: string;
  readonly validAfterTimeMs: number;
  readonly validBeforeTimeMs: number;
}
