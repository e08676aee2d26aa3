import { CryptoKey_CryptoKeyPurpose as Purpose } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { checksumOf, verifyChecksum } from "../checksums.ts";
import type { Deps } from "../deps.ts";
import { openVersion } from "../find.ts";
import { checkSize } from "../sizes.ts";

/** KeyManagementService.MacSign. */
export const macSign = (deps: Deps) =>
  rpc(
    KeyManagementService.method.macSign,
    { permission: "cloudkms.cryptoKeyVersions.useToSign", audit: "DATA_READ" },
    async ({ name, data, dataCrc32c }) => {
      checkSize("data", data);
      const verifiedDataCrc32c = verifyChecksum("data", data, dataCrc32c);
      const { version, algorithm, material } = await openVersion(deps, name, Purpose.MAC);
      const mac = algorithm.mac(material, data);
      return { name, mac, macCrc32c: checksumOf(mac), verifiedDataCrc32c, protectionLevel: version.protectionLevel };
    },
  );
