import type { ServiceAccountKeys } from "../service-accounts/keys.ts";
import type { SigningKey } from "../signing-keys.ts";
import type { PublicKeysOf } from "./verify-signed-url.ts";

/**
 * Whose signatures on V4 signed URLs are taken: those of a service account's own keys, and those of the server's key,
 * with which createUrlSigner signs in the name of service agents. Nobody else holds that key.
 */
export function createPublicKeysOf(
  serverKey: SigningKey,
  keys: Pick<ServiceAccountKeys, "publicKeysOf">,
): PublicKeysOf {
  return async (email) => [serverKey.publicKey, ...(await keys.publicKeysOf(email)).map(({ key }) => key)];
}
