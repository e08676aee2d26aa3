import { Queue_State } from "../../../gen/google/cloud/tasks/v2/queue_pb.js";
import { CloudTasks } from "../../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { invalidField } from "../errors.ts";
import { checkParent, parseQueueName } from "../names.ts";
import { insertQueue } from "../queues/insert-queue.ts";
import { queueOf, withDefaults } from "../queues/queue.ts";
import { validateQueue } from "../queues/validate-queue.ts";

/** CloudTasks.CreateQueue. */
export const createQueue = (deps: Deps) =>
  rpc(
    CloudTasks.method.createQueue,
    { permission: "cloudtasks.queues.create", audit: "ADMIN_WRITE" },
    async ({ parent, queue: given }) => {
      checkParent(parent);
      const queue = { ...withDefaults(given!), state: Queue_State.RUNNING };
      validateQueue(queue);
      if (parseQueueName(queue.name).parent !== parent)
        throw invalidField("queue.name", `The queue's name must begin with the parent "${parent}".`);
      return queueOf(await deps.store.transact((transaction) => insertQueue(deps, transaction, queue)));
    },
  );
