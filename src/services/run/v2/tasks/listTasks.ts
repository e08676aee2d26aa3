import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Tasks } from "../../../../gen/google/cloud/run/v2/task_pb.js";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { executionNotFound } from "../../jobs/errors.ts";
import { parseExecutionName } from "../../jobs/names.ts";
import type { TaskRecord } from "../../jobs/store.ts";
import { taskViews } from "../../jobs/task-views.ts";
import { oldestFirst } from "../pages.ts";

/** run.v2.Tasks.ListTasks, by index; execution and job may be "-". Tasks go with their execution, so show_deleted adds none. */
export const listTasks = (context: RunContext) =>
  rpc(Tasks.method.listTasks, { permission: "run.tasks.list", audit: "ADMIN_READ" }, async (request) => {
    const { execution } = parseExecutionName(request.parent);
    const { jobs } = context;
    if (execution !== "-" && !(await jobs.getExecution(request.parent))) throw executionNotFound(request.parent);
    const { page, nextPageToken } = await oldestFirst("tasks", request, jobs.listTasks, orderOf);
    return { tasks: await taskViews(context, page), nextPageToken };
  });

/** Tasks of one execution are created together and ordered by their index. */
function orderOf({ name, createTimeMs, state }: TaskRecord) {
  return { name, createTime: timestampFromMs(createTimeMs + state.index) };
}
