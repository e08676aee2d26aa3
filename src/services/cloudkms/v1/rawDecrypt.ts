import { CryptoKey_CryptoKeyPurpose as Purpose } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { decryptRaw, isAuthenticated, TAG_BYTES, vectorBytes } from "../algorithms/raw.ts";
import { checksumOf, verifyChecksum } from "../checksums.ts";
import type { Deps } from "../deps.ts";
import { decryptionFailed, invalidField } from "../errors.ts";
import { openVersion } from "../find.ts";
import { checkSize } from "../sizes.ts";

/** KeyManagementService.RawDecrypt. */
export const rawDecrypt = (deps: Deps) =>
  rpc(
    KeyManagementService.method.rawDecrypt,
    { permission: "cloudkms.cryptoKeyVersions.manageRawAesCbcKeys", audit: "DATA_READ" },
    async (request) => {
      const { name, ciphertext, additionalAuthenticatedData: aad, initializationVector: vector, tagLength } = request;
      checkSize("ciphertext", ciphertext, 64 * 1024 + TAG_BYTES);
      checkSize("additional_authenticated_data", aad);
      const verified = {
        verifiedCiphertextCrc32c: verifyChecksum("ciphertext", ciphertext, request.ciphertextCrc32c),
        verifiedAdditionalAuthenticatedDataCrc32c: verifyChecksum(
          "additional_authenticated_data",
          aad,
          request.additionalAuthenticatedDataCrc32c,
        ),
        verifiedInitializationVectorCrc32c: verifyChecksum(
          "initialization_vector",
          vector,
          request.initializationVectorCrc32c,
        ),
      };
      const { version, algorithm, material } = await openVersion(deps, name, Purpose.RAW_ENCRYPT_DECRYPT);
      if (vector.length !== vectorBytes(algorithm))
        throw invalidField("initialization_vector", `The vector must be ${vectorBytes(algorithm)} bytes long.`);
      if (isAuthenticated(algorithm) && tagLength !== 0 && tagLength !== TAG_BYTES)
        throw invalidField("tag_length", `The tag must be ${TAG_BYTES} bytes long.`);
      try {
        const plaintext = decryptRaw(algorithm, material, { ciphertext, vector }, aad);
        const { protectionLevel } = version;
        return { plaintext, plaintextCrc32c: checksumOf(plaintext), protectionLevel, ...verified };
      } catch {
        throw decryptionFailed();
      }
    },
  );
