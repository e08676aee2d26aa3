import { BucketSchema, Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { applyFieldMask } from "../../../wire/field-mask.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { StorageModel } from "../model.ts";
import { bucketIdOf } from "./names.ts";
import { refuseFields } from "./refuse.ts";

/** Google: storage.proto, UpdateBucket. */
export const updateBucket = ({ buckets }: StorageModel) =>
  rpc(Storage.method.updateBucket, { permission: "storage.buckets.update", audit: "ADMIN_WRITE" }, async (request) => {
    refuseFields(request, ["predefinedAcl", "predefinedDefaultObjectAcl"]);
    const { bucket, updateMask } = request;
    return buckets.update(bucketIdOf(bucket!.name, "bucket.name"), request, (current) =>
      applyFieldMask(BucketSchema, current, bucket!, updateMask!),
    );
  });
