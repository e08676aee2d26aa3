import { CryptoKey_CryptoKeyPurpose as Purpose } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { encryptSymmetric } from "../algorithms/symmetric.ts";
import { checksumOf, verifyChecksum } from "../checksums.ts";
import type { Deps } from "../deps.ts";
import { noPrimary, wrongPurpose } from "../errors.ts";
import { findKey, openVersion } from "../find.ts";
import { isVersionName } from "../names.ts";
import { checkSize } from "../sizes.ts";
import { versionIdBytes } from "../version-id.ts";

/** KeyManagementService.Encrypt: with a key's primary version, or with the version that is named. */
export const encrypt = (deps: Deps) =>
  rpc(
    KeyManagementService.method.encrypt,
    { permission: "cloudkms.cryptoKeyVersions.useToEncrypt", audit: "DATA_READ" },
    async ({ name, plaintext, additionalAuthenticatedData: aad, ...checksums }) => {
      checkSize("plaintext", plaintext);
      checkSize("additional_authenticated_data", aad);
      const verified = {
        verifiedPlaintextCrc32c: verifyChecksum("plaintext", plaintext, checksums.plaintextCrc32c),
        verifiedAdditionalAuthenticatedDataCrc32c: verifyChecksum(
          "additional_authenticated_data",
          aad,
          checksums.additionalAuthenticatedDataCrc32c,
        ),
      };
      const versionName = isVersionName(name) ? name : await primaryOf(deps, name);
      const { row, version, material } = await openVersion(deps, versionName, Purpose.ENCRYPT_DECRYPT);
      const ciphertext = encryptSymmetric(material, versionIdBytes(row), plaintext, aad);
      const { protectionLevel } = version;
      return { name: row.name, ciphertext, ciphertextCrc32c: checksumOf(ciphertext), protectionLevel, ...verified };
    },
  );

async function primaryOf(deps: Deps, keyName: string): Promise<string> {
  const { message: key } = await findKey(deps, keyName);
  if (key.purpose !== Purpose.ENCRYPT_DECRYPT) throw wrongPurpose(keyName, key.purpose, Purpose.ENCRYPT_DECRYPT);
  if (!key.primary) throw noPrimary(keyName);
  return key.primary.name;
}
