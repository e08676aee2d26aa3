import { CloudTasks } from "../../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { LIMITS } from "../limits.ts";
import { findQueue } from "../queues/find-queue.ts";
import { queueStateOf } from "../queues/queue.ts";
import { isOver } from "../tasks/is-over.ts";
import { taskOf } from "../tasks/task.ts";

/** CloudTasks.ListTasks, in order of their ids. */
export const listTasks = (deps: Deps) =>
  rpc(
    CloudTasks.method.listTasks,
    { permission: "cloudtasks.tasks.list", audit: "DATA_READ" },
    async ({ parent, responseView, ...request }) => {
      const queue = await findQueue(deps, parent);
      const state = queueStateOf(queue);
      const pageSize = pageSizeOf(request.pageSize, LIMITS.taskPageSize, LIMITS.taskPageSize);
      const scope = JSON.stringify(["listTasks", parent, responseView]);
      const after = decodePageToken(request.pageToken, scope)?.after ?? "";
      const rows = await deps.tasks.list(queue.uid, state.purgedBorn, after, pageSize + 1);
      const { page, nextPageToken } = pageOf(rows, pageSize, ({ id }) => id, scope);
      const nowMs = deps.clock.nowMs();
      const living = page.filter((row) => !isOver(row, state, nowMs));
      const tasks = living.map((row) => deps.dispatcher.underWay(queue.uid, row.id) ?? row);
      return { tasks: tasks.map((row) => taskOf(row, parent, responseView)), nextPageToken };
    },
  );
