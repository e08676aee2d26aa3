import { CryptoKey_CryptoKeyPurpose as Purpose } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { checksumOf, verifyChecksum } from "../checksums.ts";
import type { Deps } from "../deps.ts";
import { invalidField } from "../errors.ts";
import { openVersion } from "../find.ts";

/** KeyManagementService.Decapsulate: the secret that was shared by means of the public key. */
export const decapsulate = (deps: Deps) =>
  rpc(
    KeyManagementService.method.decapsulate,
    { permission: "cloudkms.cryptoKeyVersions.useToDecapsulate", audit: "DATA_READ" },
    async ({ name, ciphertext, ciphertextCrc32c }) => {
      const verifiedCiphertextCrc32c = verifyChecksum("ciphertext", ciphertext, ciphertextCrc32c);
      const { version, algorithm, material } = await openVersion(deps, name, Purpose.KEY_ENCAPSULATION);
      try {
        const sharedSecret = algorithm.decapsulate(material, ciphertext);
        const sharedSecretCrc32c = checksumOf(sharedSecret);
        const { protectionLevel } = version;
        return { name, sharedSecret, sharedSecretCrc32c, verifiedCiphertextCrc32c, protectionLevel };
      } catch {
        throw invalidField("ciphertext", "The ciphertext does not have the size that the algorithm needs.");
      }
    },
  );
