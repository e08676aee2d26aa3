import { CloudTasks } from "../../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import { type Queue, Queue_State, QueueSchema } from "../../../gen/google/cloud/tasks/v2/queue_pb.js";
import { applyFieldMask } from "../../../wire/field-mask.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { checkParent, parseQueueName } from "../names.ts";
import { insertQueue } from "../queues/insert-queue.ts";
import { changedQueueRow, queueOf, queueStateOf, withDefaults } from "../queues/queue.ts";
import { validateQueue } from "../queues/validate-queue.ts";

/** CloudTasks.UpdateQueue: the fields of the mask, or all without one; creates the queue when there is none. */
export const updateQueue = (deps: Deps) =>
  rpc(
    CloudTasks.method.updateQueue,
    { permission: "cloudtasks.queues.update", audit: "ADMIN_WRITE" },
    ({ queue: patch, updateMask }) => {
      const { name } = patch!;
      checkParent(parseQueueName(name, "queue.name").parent);
      return deps.store.transact(async (transaction) => {
        const row = await deps.queues.get(name, transaction);
        if (!row) return queueOf(await insertQueue(deps, transaction, valid(patch!, Queue_State.RUNNING)));
        const state = queueStateOf(row);
        const mask = updateMask?.paths.length ? updateMask : undefined;
        const { purgeTime } = state.queue;
        const masked = mask ? applyFieldMask(QueueSchema, state.queue, patch!, mask) : patch!;
        const queue = valid({ ...masked, name, ...(purgeTime && { purgeTime }) }, state.queue.state);
        const changed = await deps.queues.update(
          transaction,
          changedQueueRow(row, { ...state, queue }, deps.clock.nowMs()),
        );
        transaction.afterCommit(() => deps.dispatcher.setQueue(changed));
        return queueOf(changed);
      });
    },
  );

function valid(given: Queue, state: Queue_State): Queue {
  const queue = withDefaults(withoutEmptyParts({ ...given, state }));
  validateQueue(queue);
  return queue;
}

/** Clients clear a token by clearing its fields one by one, and a target by clearing its parts. */
function withoutEmptyParts(queue: Queue): Queue {
  const { httpTarget } = queue;
  if (!httpTarget) return queue;
  const { authorizationHeader: header } = httpTarget;
  if (header.case !== undefined && header.value.serviceAccountEmail === "")
    httpTarget.authorizationHeader = { case: undefined };
  const isEmpty =
    !httpTarget.uriOverride &&
    !httpTarget.httpMethod &&
    httpTarget.headerOverrides.length === 0 &&
    httpTarget.authorizationHeader.case === undefined;
  if (!isEmpty) return queue;
  const { httpTarget: _, ...rest } = queue;
  return rest;
}
