import {
  CryptoKeyVersion_CryptoKeyVersionState as State,
  PublicKey_PublicKeyFormat as Format,
} from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import { algorithmNamed } from "../algorithms/algorithms.ts";
import type { PublicKeyBytes } from "../algorithms/algorithm.ts";
import { checksumOf } from "../checksums.ts";
import type { Deps } from "../deps.ts";
import { invalidField, notEnabled } from "../errors.ts";
import { findVersion } from "../find.ts";
import { publicKeyPem } from "../public-key.ts";

/** KeyManagementService.GetPublicKey: in PEM, DER, or as a bare key of the post-quantum standards. */
export const getPublicKey = (deps: Deps) =>
  rpc(
    KeyManagementService.method.getPublicKey,
    { permission: "cloudkms.cryptoKeyVersions.viewPublicKey", audit: "DATA_READ" },
    async ({ name, publicKeyFormat }) => {
      const { message: version } = await findVersion(deps, name);
      const { publicKey } = algorithmNamed(version.algorithm)!;
      if (!publicKey) throw invalidArgument(`${name} has no public key.`);
      const material = version.state === State.ENABLED ? await deps.material.get(name) : undefined;
      if (!material) throw notEnabled(version);
      const { algorithm, protectionLevel } = version;
      return { name, algorithm, protectionLevel, ...formatted(publicKey(material), publicKeyFormat) };
    },
  );

/** Keys without a bare form are PEM unless another format is asked for. Google: resources.proto, PublicKey.public_key_format. */
function formatted({ der, raw }: PublicKeyBytes, format: Format) {
  const pem = publicKeyPem(der);
  if (format === Format.PUBLIC_KEY_FORMAT_UNSPECIFIED && raw)
    throw invalidField("public_key_format", "The format NIST_PQC must be specified for post-quantum algorithms.");
  if (format === Format.PUBLIC_KEY_FORMAT_UNSPECIFIED || (format === Format.PEM && !raw)) {
    const bytes = Buffer.from(pem);
    const publicKey = format === Format.PEM && { publicKeyFormat: format, publicKey: checksummed(bytes) };
    return { pem, pemCrc32c: checksumOf(bytes), ...publicKey };
  }
  const data = { [Format.DER]: der, [Format.NIST_PQC]: raw, [Format.PEM]: Buffer.from(pem) }[format as number];
  if (!data) throw invalidField("public_key_format", "The algorithm does not have public keys of this format.");
  return { publicKeyFormat: format, publicKey: checksummed(data) };
}

function checksummed(data: Uint8Array) {
  return { data, crc32cChecksum: checksumOf(data) };
}
