import { Tasks } from "../../../../gen/google/cloud/run/v2/task_pb.js";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { taskNotFound } from "../../jobs/errors.ts";
import { executionNameOfTask } from "../../jobs/names.ts";
import { taskView } from "../../jobs/view.ts";

/** run.v2.Tasks.GetTask. */
export const getTask = ({ jobs }: RunContext) =>
  rpc(Tasks.method.getTask, { permission: "run.tasks.get", audit: "ADMIN_READ" }, async ({ name }) => {
    const [task, owner] = await Promise.all([jobs.getTask(name), jobs.getExecution(executionNameOfTask(name))]);
    if (!task || !owner) throw taskNotFound(name);
    return taskView(task, owner.execution);
  });
