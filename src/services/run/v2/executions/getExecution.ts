import { Executions } from "../../../../gen/google/cloud/run/v2/execution_pb.js";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { executionNotFound } from "../../jobs/errors.ts";
import { executionView } from "../../jobs/view.ts";

/** run.v2.Executions.GetExecution. */
export const getExecution = ({ jobs }: RunContext) =>
  rpc(Executions.method.getExecution, { permission: "run.executions.get", audit: "ADMIN_READ" }, async ({ name }) => {
    const record = await jobs.getExecution(name);
    if (!record) throw executionNotFound(name);
    return executionView(record);
  });
