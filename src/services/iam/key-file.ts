import type { KeyObject } from "node:crypto";
import type { ServiceAccount } from "../../wire/credentials/service-accounts/account.ts";

const GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token";

export interface KeyFileOptions {
  readonly account: ServiceAccount;
  readonly keyId: string;
  readonly privateKey: KeyObject;
  /** Call.origin of the request: where the client reached this server. */
  readonly origin: string;
}

/** The JSON file with a private key that Google hands out, TYPE_GOOGLE_CREDENTIALS_FILE (AIP-4112). */
export function keyFile({ account, keyId, privateKey, origin }: KeyFileOptions): string {
  const file = {
    type: "service_account",
    project_id: account.projectId,
    private_key_id: keyId,
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
    client_email: account.email,
    client_id: account.uniqueId,
    auth_uri: "https://accounts.google.com/o/oauth2/auth",
    token_uri: tokenUriFor(origin),
    auth_provider_x509_cert_url: "https://www.googleapis.com/oauth2/v1/certs",
    client_x509_cert_url: `https://www.googleapis.com/robot/v1/metadata/x509/${encodeURIComponent(account.email)}`,
    universe_domain: "googleapis.com",
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/**
 * Where a holder of the key gets tokens: Google's address when the client came by it, through the proxy; this server's
 * own one when the client uses an endpoint override. gRPC tells no scheme, and on loopback plain HTTP needs no CA.
 */
export function tokenUriFor(origin: string): string {
  const url = new URL(origin);
  if (/(^|\.)googleapis\.com$/.test(url.hostname)) return GOOGLE_TOKEN_URI;
  if (/(^|\.)localhost$|^127\.|^\[::1\]$/.test(url.hostname)) url.protocol = "http:";
  url.hostname = url.hostname.replace(/^[^.]+\.localhost$/, "oauth2.localhost");
  return `${url.origin}/token`;
}
