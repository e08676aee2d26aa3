import { join } from "node:path";
import { openAttestationKey } from "../oci/attestations/attestation-key.ts";
import { openSeal } from "../platform/seal.ts";
import { openSigningKey } from "../wire/credentials/signing-keys.ts";

/** What signatures under provenance name their key. */
const PROVENANCE_KEY = "homerun/provenance";

/** Opens the server's own keys in the data folder, making those that are not there yet. */
export async function openKeys(dataDir: string) {
  const at = (name: string): string => join(dataDir, "keys", name);
  const [tokenKey, urlKey, attestationKey, seal] = await Promise.all([
    openSigningKey(at("tokens.pem")),
    openSigningKey(at("urls.pem")),
    openAttestationKey(at("provenance.pem"), PROVENANCE_KEY),
    openSeal(at("seal.key")),
  ]);
  return { tokenKey, urlKey, attestationKey, seal };
}
