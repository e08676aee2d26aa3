import { Executions } from "../../../../gen/google/cloud/run/v2/execution_pb.js";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { jobNotFound } from "../../jobs/errors.ts";
import { parseJobName } from "../../jobs/names.ts";
import { executionView } from "../../jobs/view.ts";
import { newestFirst } from "../pages.ts";

/** run.v2.Executions.ListExecutions; the job may be "-". A deleted execution is gone, so show_deleted adds none. */
export const listExecutions = ({ jobs }: RunContext) =>
  rpc(Executions.method.listExecutions, { permission: "run.executions.list", audit: "ADMIN_READ" }, async (request) => {
    const { job } = parseJobName(request.parent);
    if (job !== "-" && !(await jobs.getJob(request.parent))) throw jobNotFound(request.parent);
    const list = jobs.listExecutions;
    const { page, nextPageToken } = await newestFirst("executions", request, list, ({ execution }) => execution);
    return { executions: page.map(executionView), nextPageToken };
  });
