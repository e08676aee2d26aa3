import { CloudTasks } from "../../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import { QueueSchema } from "../../../gen/google/cloud/tasks/v2/queue_pb.js";
import { filteredPage } from "../../../wire/filter/filtered-page.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { LIMITS } from "../limits.ts";
import { checkParent } from "../names.ts";
import { queueOf } from "../queues/queue.ts";

const PAGE_SIZES = { fallback: LIMITS.queuePageSize, most: LIMITS.queuePageSize };

/** CloudTasks.ListQueues, in order of their names; with filters. */
export const listQueues = ({ queues }: Deps) =>
  rpc(CloudTasks.method.listQueues, { permission: "cloudtasks.queues.list", audit: "ADMIN_READ" }, async (request) => {
    checkParent(request.parent, true);
    const rows = await queues.list({ parent: request.parent, limit: Number.MAX_SAFE_INTEGER });
    const { page, nextPageToken } = filteredPage(QueueSchema, rows.map(queueOf), request, PAGE_SIZES);
    return { queues: page, nextPageToken };
  });
