import { LoggingServiceV2 } from "../../../gen/google/logging/v2/logging_pb.js";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { rpc } from "../../../wire/rpc.ts";
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from "../limits.ts";
import type { LoggingContext } from "../module.ts";
import { projectsOf } from "../resource-names.ts";

/** Lists the logs of a project that hold entries. */
export const listLogs = ({ deps, store }: LoggingContext) =>
  rpc(LoggingServiceV2.method.listLogs, { permission: "logging.logs.list", audit: "ADMIN_READ" }, async (request) => {
    const [project] = projectsOf([request.parent], deps.projects.idOf) as [string];
    const pageSize = pageSizeOf(request.pageSize, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    const after = decodePageToken(request.pageToken, request.parent)?.after ?? "";
    const names = (await store.logNames(project)).filter((name) => name > after);
    const { page, nextPageToken } = pageOf(names, pageSize, (name) => name, request.parent);
    return { logNames: page, nextPageToken };
  });
