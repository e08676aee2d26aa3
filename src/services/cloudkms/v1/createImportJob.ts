import { clone } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  ImportJob_ImportJobState as State,
  ImportJob_ImportMethod as Method,
  ImportJobSchema,
  ProtectionLevel,
} from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { DuplicateResourceError } from "../../../platform/store/resource-table.ts";
import { unsupportedField } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import { wrappingKeyBits } from "../algorithms/unwrap.ts";
import { type Deps, IMPORT_JOB_KIND } from "../deps.ts";
import { resourceExists } from "../errors.ts";
import { findKeyRing } from "../find.ts";
import { importJobOf } from "../import-job.ts";
import { IMPORT_JOB_LIFE_MS } from "../limits.ts";
import { childName } from "../names.ts";
import { newRow } from "../rows.ts";
import { checkProtectionLevel } from "../validate.ts";

/** KeyManagementService.CreateImportJob: its wrapping key is made in the background, and goes when the job expires. */
export const createImportJob = (deps: Deps) =>
  rpc(
    KeyManagementService.method.createImportJob,
    { permission: "cloudkms.importJobs.create", audit: "ADMIN_WRITE" },
    async ({ parent, importJobId, importJob }) => {
      await findKeyRing(deps, parent);
      const name = childName(parent, "importJobs", importJobId, "import_job_id");
      const job = clone(ImportJobSchema, importJob!);
      checkProtectionLevel(job.protectionLevel, "import_job.protection_level");
      if (wrappingKeyBits(job.importMethod) === undefined)
        throw unsupportedField(`import_job.import_method (${Method[job.importMethod] ?? job.importMethod})`);
      if (job.cryptoKeyBackend !== "") throw unsupportedField("import_job.crypto_key_backend");
      const nowMs = deps.clock.nowMs();
      job.protectionLevel = ProtectionLevel.SOFTWARE;
      job.state = State.PENDING_GENERATION;
      job.expireTime = timestampFromMs(nowMs + IMPORT_JOB_LIFE_MS);
      const row = newRow(ImportJobSchema, job, { name, uid: deps.ids.uuid(), nowMs });
      try {
        await deps.store.transact(async (transaction) => {
          await deps.importJobs.insert(transaction, row);
          await deps.wakeups.wake(transaction, IMPORT_JOB_KIND, name);
        });
      } catch (error) {
        if (error instanceof DuplicateResourceError) throw resourceExists("ImportJob", name);
        throw error;
      }
      return importJobOf(row);
    },
  );
