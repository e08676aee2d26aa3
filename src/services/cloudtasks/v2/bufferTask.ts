import { create } from "@bufbuild/protobuf";
import { CloudTasks } from "../../../gen/google/cloud/tasks/v2/cloudtasks_pb.js";
import type { Queue } from "../../../gen/google/cloud/tasks/v2/queue_pb.js";
import {
  HttpMethod,
  HttpRequestSchema,
  UriOverride_Scheme as Scheme,
} from "../../../gen/google/cloud/tasks/v2/target_pb.js";
import { Task_View, TaskSchema } from "../../../gen/google/cloud/tasks/v2/task_pb.js";
import { failedPrecondition } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { overrideUrl } from "../dispatch/override-url.ts";
import { parseTaskName } from "../names.ts";
import { findQueue } from "../queues/find-queue.ts";
import { queueOf } from "../queues/queue.ts";
import { addTask } from "../tasks/add-task.ts";

/** CloudTasks.BufferTask: a task from a plain request, to where its queue's http_target says. */
export const bufferTask = (deps: Deps) =>
  rpc(
    CloudTasks.method.bufferTask,
    { permission: "cloudtasks.tasks.create", audit: "DATA_WRITE" },
    async ({ queue: name, taskId, body }) => {
      const queue = queueOf(await findQueue(deps, name));
      if (taskId !== "") parseTaskName(`${name}/tasks/${taskId}`, "task_id");
      const value = create(HttpRequestSchema, {
        url: urlOf(queue),
        httpMethod: queue.httpTarget?.httpMethod || HttpMethod.POST,
        headers: body?.contentType ? { "Content-Type": body.contentType } : {},
        body: body?.data ?? new Uint8Array(),
      });
      const task = create(TaskSchema, { messageType: { case: "httpRequest", value } });
      return { task: await addTask(deps, name, taskId || undefined, task, Task_View.BASIC) };
    },
  );

function urlOf({ httpTarget }: Queue): string {
  const { host, scheme } = httpTarget?.uriOverride ?? {};
  if (!host) throw failedPrecondition("The queue must have an httpTarget with a uriOverride.host to buffer tasks.");
  return overrideUrl(`${scheme === Scheme.HTTP ? "http" : "https"}://${host}/`, httpTarget?.uriOverride);
}
