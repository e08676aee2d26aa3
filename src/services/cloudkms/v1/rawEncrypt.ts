import { CryptoKey_CryptoKeyPurpose as Purpose } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { RawAlgorithm } from "../algorithms/algorithm.ts";
import { encryptRaw, isAuthenticated, TAG_BYTES, vectorBytes } from "../algorithms/raw.ts";
import { checksumOf, verifyChecksum } from "../checksums.ts";
import type { Deps } from "../deps.ts";
import { invalidField } from "../errors.ts";
import { openVersion } from "../find.ts";
import { checkSize } from "../sizes.ts";

/** KeyManagementService.RawEncrypt: AES whose output other programs can read. */
export const rawEncrypt = (deps: Deps) =>
  rpc(
    KeyManagementService.method.rawEncrypt,
    { permission: "cloudkms.cryptoKeyVersions.manageRawAesCbcKeys", audit: "DATA_READ" },
    async (request) => {
      const { name, plaintext, additionalAuthenticatedData: aad, initializationVector: given } = request;
      checkSize("plaintext", plaintext);
      checkSize("additional_authenticated_data", aad);
      const verified = {
        verifiedPlaintextCrc32c: verifyChecksum("plaintext", plaintext, request.plaintextCrc32c),
        verifiedAdditionalAuthenticatedDataCrc32c: verifyChecksum(
          "additional_authenticated_data",
          aad,
          request.additionalAuthenticatedDataCrc32c,
        ),
        verifiedInitializationVectorCrc32c: verifyChecksum(
          "initialization_vector",
          given,
          request.initializationVectorCrc32c,
        ),
      };
      const { version, algorithm, material } = await openVersion(deps, name, Purpose.RAW_ENCRYPT_DECRYPT);
      checkInput(algorithm, aad, given);
      const options = { aad, ...(given.length > 0 && { vector: given }) };
      const { ciphertext, vector } = encryptRaw(algorithm, material, plaintext, options);
      return {
        name,
        ciphertext,
        ciphertextCrc32c: checksumOf(ciphertext),
        initializationVector: vector,
        initializationVectorCrc32c: checksumOf(vector),
        tagLength: isAuthenticated(algorithm) ? TAG_BYTES : 0,
        protectionLevel: version.protectionLevel,
        ...verified,
      };
    },
  );

/** AES-GCM makes its own vectors: one that is used twice gives the key away. */
function checkInput(algorithm: RawAlgorithm, aad: Uint8Array, vector: Uint8Array): void {
  if (isAuthenticated(algorithm)) {
    if (vector.length > 0)
      throw invalidField("initialization_vector", "AES-GCM keys do not take an initialization vector when encrypting.");
    return;
  }
  if (aad.length > 0)
    throw invalidField("additional_authenticated_data", "The algorithm does not take additional authenticated data.");
  if (vector.length > 0 && vector.length !== vectorBytes(algorithm))
    throw invalidField("initialization_vector", `The vector must be ${vectorBytes(algorithm)} bytes long.`);
}
