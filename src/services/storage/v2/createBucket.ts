import { create } from "@bufbuild/protobuf";
import { BucketSchema, Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { StorageModel } from "../model.ts";
import { projectIdOf } from "./names.ts";
import { refuseFields } from "./refuse.ts";

/** Google: storage.proto, CreateBucket; the project stands in bucket.project, or in parent. */
export const createBucket = ({ buckets, projects }: StorageModel) =>
  rpc(Storage.method.createBucket, { permission: "storage.buckets.create", audit: "ADMIN_WRITE" }, async (request) => {
    refuseFields(request, ["predefinedAcl", "predefinedDefaultObjectAcl", "enableObjectRetention"]);
    const bucket = request.bucket ?? create(BucketSchema);
    const named = bucket.project || request.parent;
    const project = projects.idOf(projectIdOf(named, bucket.project ? "bucket.project" : "parent"));
    await projects.remember(project);
    return buckets.create(project, request.bucketId, bucket);
  });
