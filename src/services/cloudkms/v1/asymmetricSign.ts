import { createHash } from "node:crypto";
import { CryptoKey_CryptoKeyPurpose as Purpose } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { type AsymmetricSignRequest, KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { SignAlgorithm } from "../algorithms/algorithm.ts";
import { checksumOf, verifyChecksum } from "../checksums.ts";
import type { Deps } from "../deps.ts";
import { invalidField } from "../errors.ts";
import { openVersion } from "../find.ts";
import { checkSize } from "../sizes.ts";

/** KeyManagementService.AsymmetricSign: of a digest, or of data that is digested here. */
export const asymmetricSign = (deps: Deps) =>
  rpc(
    KeyManagementService.method.asymmetricSign,
    { permission: "cloudkms.cryptoKeyVersions.useToSign", audit: "DATA_READ" },
    async (request) => {
      const { name, digest, data } = request;
      checkSize("data", data);
      const digestBytes = digest?.digest.value ?? new Uint8Array();
      const verified = {
        verifiedDataCrc32c: verifyChecksum("data", data, request.dataCrc32c),
        verifiedDigestCrc32c: verifyChecksum("digest", digestBytes, request.digestCrc32c),
      };
      const { version, algorithm, material } = await openVersion(deps, name, Purpose.ASYMMETRIC_SIGN);
      const signature = algorithm.sign(material, messageOf(algorithm, request));
      const { protectionLevel } = version;
      return { name, signature, signatureCrc32c: checksumOf(signature), protectionLevel, ...verified };
    },
  );

/** What the algorithm signs: the digest where it takes one, else the data. */
function messageOf(algorithm: SignAlgorithm, { digest, data }: AsymmetricSignRequest): Buffer {
  const given = digest?.digest;
  if (given?.case !== undefined && data.length > 0)
    throw invalidField("data", "Only one of digest and data may be supplied.");
  if (algorithm.digest === undefined) {
    if (given?.case !== undefined) throw invalidField("digest", "The algorithm signs data, and takes no digest.");
    if (algorithm.maxDataBytes !== undefined) checkSize("data", data, algorithm.maxDataBytes);
    return Buffer.from(data);
  }
  const hash = createHash(algorithm.digest).update(data).digest();
  if (given?.case === undefined) return hash;
  if (given.case !== algorithm.digest || given.value.length !== hash.length)
    throw invalidField("digest", `The algorithm needs a digest by ${algorithm.digest} of ${hash.length} bytes.`);
  return Buffer.from(given.value);
}
