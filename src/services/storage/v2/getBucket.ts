import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { StorageModel } from "../model.ts";
import { bucketIdOf } from "./names.ts";

/** Google: storage.proto, GetBucket; the whole bucket is answered whatever read_mask says. */
export const getBucket = ({ buckets }: StorageModel) =>
  rpc(Storage.method.getBucket, { permission: "storage.buckets.get", audit: "ADMIN_READ" }, async (request) =>
    buckets.get(bucketIdOf(request.name, "name"), request),
  );
