import { Environment, FunctionService } from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import { ensureBucket } from "../buckets.ts";
import { type Deps, UPLOAD_KIND } from "../deps.ts";
import { agentEmailOf, parseLocationName, uploadBucketOf } from "../function-name.ts";
import { MAX_UPLOAD_BYTES, UPLOAD_KEPT_MS, URL_SECONDS } from "../limits.ts";

/**
 * FunctionService.GenerateUploadUrl: a signed URL for one PUT with content-type application/zip, valid for 30 minutes. What
 * is uploaded is kept for a day, as Google's upload buckets do.
 */
export const generateUploadUrl = (deps: Deps): Rpc =>
  rpc(
    FunctionService.method.generateUploadUrl,
    { permission: "cloudfunctions.functions.sourceCodeSet", audit: "none" },
    async ({ parent, kmsKeyName, environment }, call) => {
      if (kmsKeyName !== "") throw unsupportedField("kms_key_name");
      if (environment === Environment.GEN_1) throw unsupportedField("environment");
      const location = parseLocationName(parent);
      const bucket = uploadBucketOf(location);
      const object = `${deps.ids.uuid()}.zip`;
      await ensureBucket(deps, location, bucket, { versioning: false });
      await deps.store.transact((transaction) =>
        deps.wakeups.wake(transaction, UPLOAD_KIND, `${bucket}/${object}`, deps.clock.nowMs() + UPLOAD_KEPT_MS),
      );
      const uploadUrl = await deps.urlSigner.signUrl({
        origin: call.origin,
        email: agentEmailOf(location.project),
        method: "PUT",
        bucket,
        object,
        expiresSeconds: URL_SECONDS,
        contentType: "application/zip",
        lengthRange: { min: 0, max: MAX_UPLOAD_BYTES },
      });
      return { uploadUrl, storageSource: { bucket, object } };
    },
  );
