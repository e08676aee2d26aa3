import { CloudTasks } from "../../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findQueue } from "../queues/find-queue.ts";
import { queueOf } from "../queues/queue.ts";

/** CloudTasks.GetQueue. */
export const getQueue = (deps: Deps) =>
  rpc(CloudTasks.method.getQueue, { permission: "cloudtasks.queues.get", audit: "ADMIN_READ" }, async ({ name }) =>
    queueOf(await findQueue(deps, name)),
  );
