import { timingSafeEqual } from "node:crypto";
import { CryptoKey_CryptoKeyPurpose as Purpose } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { verifyChecksum } from "../checksums.ts";
import type { Deps } from "../deps.ts";
import { openVersion } from "../find.ts";
import { checkSize } from "../sizes.ts";

/** KeyManagementService.MacVerify: says whether the tag is that of the data. */
export const macVerify = (deps: Deps) =>
  rpc(
    KeyManagementService.method.macVerify,
    { permission: "cloudkms.cryptoKeyVersions.useToVerify", audit: "DATA_READ" },
    async ({ name, data, dataCrc32c, mac, macCrc32c }) => {
      checkSize("data", data);
      const verified = {
        verifiedDataCrc32c: verifyChecksum("data", data, dataCrc32c),
        verifiedMacCrc32c: verifyChecksum("mac", mac, macCrc32c),
      };
      const { version, algorithm, material } = await openVersion(deps, name, Purpose.MAC);
      const expected = algorithm.mac(material, data);
      const success = mac.length === expected.length && timingSafeEqual(expected, mac);
      const { protectionLevel } = version;
      return { name, success, verifiedSuccessIntegrity: success, protectionLevel, ...verified };
    },
  );
