import { CryptoKey_CryptoKeyPurpose as Purpose } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { checksumOf, verifyChecksum } from "../checksums.ts";
import type { Deps } from "../deps.ts";
import { decryptionFailed } from "../errors.ts";
import { openVersion } from "../find.ts";

/** KeyManagementService.AsymmetricDecrypt, of what was encrypted with the public key. */
export const asymmetricDecrypt = (deps: Deps) =>
  rpc(
    KeyManagementService.method.asymmetricDecrypt,
    { permission: "cloudkms.cryptoKeyVersions.useToDecrypt", audit: "DATA_READ" },
    async ({ name, ciphertext, ciphertextCrc32c }) => {
      const verifiedCiphertextCrc32c = verifyChecksum("ciphertext", ciphertext, ciphertextCrc32c);
      const { version, algorithm, material } = await openVersion(deps, name, Purpose.ASYMMETRIC_DECRYPT);
      try {
        const plaintext = algorithm.decrypt(material, ciphertext);
        const { protectionLevel } = version;
        return { plaintext, plaintextCrc32c: checksumOf(plaintext), verifiedCiphertextCrc32c, protectionLevel };
      } catch {
        throw decryptionFailed();
      }
    },
  );
