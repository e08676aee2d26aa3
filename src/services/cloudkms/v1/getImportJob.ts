import { PublicKey_PublicKeyFormat as Format } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findImportJob } from "../find.ts";

/** KeyManagementService.GetImportJob, with its public key in PEM once it is ACTIVE. */
export const getImportJob = (deps: Deps) =>
  rpc(
    KeyManagementService.method.getImportJob,
    { permission: "cloudkms.importJobs.get", audit: "ADMIN_READ" },
    async ({ name, publicKeyFormat }) => {
      if (publicKeyFormat !== Format.PUBLIC_KEY_FORMAT_UNSPECIFIED && publicKeyFormat !== Format.PEM)
        throw unsupportedField(`public_key_format (${Format[publicKeyFormat]})`);
      return (await findImportJob(deps, name)).message;
    },
  );
