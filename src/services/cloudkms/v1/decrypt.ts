import { CryptoKey_CryptoKeyPurpose as Purpose } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { decryptSymmetric, versionIdOf } from "../algorithms/symmetric.ts";
import { checksumOf, verifyChecksum } from "../checksums.ts";
import type { Deps } from "../deps.ts";
import { decryptionFailed, wrongPurpose } from "../errors.ts";
import { findKey, openVersion } from "../find.ts";
import { checkSize } from "../sizes.ts";
import { versionsOf } from "../version.ts";
import { versionIdBytes } from "../version-id.ts";

/** What a ciphertext has besides its plaintext, at most. */
const OVERHEAD_BYTES = 1024;

/** KeyManagementService.Decrypt: with whichever version of the key made the ciphertext. */
export const decrypt = (deps: Deps) =>
  rpc(
    KeyManagementService.method.decrypt,
    { permission: "cloudkms.cryptoKeyVersions.useToDecrypt", audit: "DATA_READ" },
    async ({ name, ciphertext, additionalAuthenticatedData: aad, ...checksums }) => {
      checkSize("ciphertext", ciphertext, 64 * 1024 + OVERHEAD_BYTES);
      checkSize("additional_authenticated_data", aad);
      verifyChecksum("ciphertext", ciphertext, checksums.ciphertextCrc32c);
      verifyChecksum("additional_authenticated_data", aad, checksums.additionalAuthenticatedDataCrc32c);
      const { message: key } = await findKey(deps, name);
      if (key.purpose !== Purpose.ENCRYPT_DECRYPT) throw wrongPurpose(name, key.purpose, Purpose.ENCRYPT_DECRYPT);
      const id = versionIdOf(ciphertext);
      const rows = await versionsOf(deps, name);
      const row = id && rows.find((each) => versionIdBytes(each).equals(id));
      if (!row) throw decryptionFailed();
      const { version, material } = await openVersion(deps, row.name, Purpose.ENCRYPT_DECRYPT);
      const plaintext = opened(material, ciphertext, aad);
      const { protectionLevel } = version;
      const usedPrimary = key.primary?.name === row.name;
      return { plaintext, plaintextCrc32c: checksumOf(plaintext), usedPrimary, protectionLevel };
    },
  );

function opened(material: Buffer, ciphertext: Uint8Array, aad: Uint8Array): Buffer {
  try {
    return decryptSymmetric(material, ciphertext, aad);
  } catch {
    throw decryptionFailed();
  }
}
