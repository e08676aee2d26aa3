import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { rpc } from "../../../wire/rpc.ts";
import { LIMITS } from "../limits.ts";
import type { StorageModel } from "../model.ts";
import { projectIdOf } from "./names.ts";

/** Google: storage.proto, ListBuckets. */
export const listBuckets = ({ buckets }: StorageModel) =>
  rpc(Storage.method.listBuckets, { permission: "storage.buckets.list", audit: "ADMIN_READ" }, async (request) => {
    const project = projectIdOf(request.parent, "parent");
    const { prefix } = request;
    const scope = JSON.stringify(["listBuckets", project, prefix]);
    const pageSize = pageSizeOf(request.pageSize, LIMITS.listPage, LIMITS.listPage);
    const after = decodePageToken(request.pageToken, scope)?.after ?? "";
    const rows = await buckets.list({ project, prefix, after, limit: pageSize + 1 });
    const { page, nextPageToken } = pageOf(rows, pageSize, (bucket) => bucket.bucketId, scope);
    return { buckets: page, nextPageToken };
  });
