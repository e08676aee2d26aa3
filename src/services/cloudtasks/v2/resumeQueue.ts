import { CloudTasks } from "../../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import { Queue_State } from "../../../gen/google/cloud/tasks/v2/queue_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { changeQueue } from "../queues/find-queue.ts";
import { queueOf } from "../queues/queue.ts";

/** CloudTasks.ResumeQueue. */
export const resumeQueue = (deps: Deps) =>
  rpc(
    CloudTasks.method.resumeQueue,
    { permission: "cloudtasks.queues.resume", audit: "ADMIN_WRITE" },
    async ({ name }) => {
      const running = Queue_State.RUNNING;
      return queueOf(
        await changeQueue(deps, name, (state) => ({ ...state, queue: { ...state.queue, state: running } })),
      );
    },
  );
