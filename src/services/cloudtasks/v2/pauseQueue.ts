import { CloudTasks } from "../../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import { Queue_State } from "../../../gen/google/cloud/tasks/v2/queue_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { changeQueue } from "../queues/find-queue.ts";
import { queueOf } from "../queues/queue.ts";

/** CloudTasks.PauseQueue: nothing more is dispatched; attempts under way go on. */
export const pauseQueue = (deps: Deps) =>
  rpc(
    CloudTasks.method.pauseQueue,
    { permission: "cloudtasks.queues.pause", audit: "ADMIN_WRITE" },
    async ({ name }) => {
      const paused = Queue_State.PAUSED;
      return queueOf(
        await changeQueue(deps, name, (state) => ({ ...state, queue: { ...state.queue, state: paused } })),
      );
    },
  );
