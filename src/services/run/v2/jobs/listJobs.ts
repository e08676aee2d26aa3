import { Jobs } from "../../../../gen/google/cloud/run/v2/job_pb.js";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { jobView } from "../../jobs/view.ts";
import { parseLocationName } from "../../names.ts";
import { newestFirst } from "../pages.ts";

/** run.v2.Jobs.ListJobs; the location may be "-". A deleted job is gone at once, so show_deleted adds none. */
export const listJobs = ({ jobs }: RunContext) =>
  rpc(Jobs.method.listJobs, { permission: "run.jobs.list", audit: "ADMIN_READ" }, async (request) => {
    parseLocationName(request.parent);
    const { page, nextPageToken } = await newestFirst("jobs", request, jobs.listJobs, ({ job }) => job);
    return { jobs: page.map(jobView), nextPageToken };
  });
