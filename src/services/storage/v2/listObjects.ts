import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { pageSizeOf } from "../../../wire/paging.ts";
import { rpc } from "../../../wire/rpc.ts";
import { LIMITS } from "../limits.ts";
import type { StorageModel } from "../model.ts";
import { objectListScope, parseObjectCursor, printObjectCursor } from "../objects/page-token.ts";
import { bucketIdOf } from "./names.ts";
import { refuseFields } from "./refuse.ts";

/** Google: storage.proto, ListObjects. */
export const listObjects = ({ reader }: StorageModel) =>
  rpc(Storage.method.listObjects, { permission: "storage.objects.list", audit: "DATA_READ" }, async (request) => {
    refuseFields(request, ["softDeleted", "filter"]);
    const options = {
      bucket: bucketIdOf(request.parent, "parent"),
      prefix: request.prefix,
      delimiter: request.delimiter,
      includeTrailingDelimiter: request.includeTrailingDelimiter,
      versions: request.versions,
      startOffset: request.lexicographicStart,
      endOffset: request.lexicographicEnd,
      matchGlob: request.matchGlob,
    };
    const scope = objectListScope(options);
    const limit = pageSizeOf(request.pageSize, LIMITS.listPage, LIMITS.listPage);
    const after = parseObjectCursor(request.pageToken, scope);
    const { objects, prefixes, next } = await reader.list({ ...options, limit, after });
    return { objects: [...objects], prefixes: [...prefixes], nextPageToken: printObjectCursor(next, scope) };
  });
