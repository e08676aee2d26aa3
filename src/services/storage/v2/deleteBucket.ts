import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { StorageModel } from "../model.ts";
import { bucketIdOf } from "./names.ts";

/** Google: storage.proto, DeleteBucket. */
export const deleteBucket = ({ buckets }: StorageModel) =>
  rpc(Storage.method.deleteBucket, { permission: "storage.buckets.delete", audit: "ADMIN_WRITE" }, async (request) => {
    await buckets.delete(bucketIdOf(request.name, "name"), request);
    return {};
  });
