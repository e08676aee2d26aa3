import { CloudScheduler } from "../../../gen/google/cloud/scheduler/v1/cloudscheduler_pb.js";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { jobOf } from "../job.ts";
import { LIMITS } from "../limits.ts";
import { checkParent } from "../names.ts";

/** CloudScheduler.ListJobs, in order of their names. */
export const listJobs = ({ jobs }: Deps) =>
  rpc(
    CloudScheduler.method.listJobs,
    { permission: "cloudscheduler.jobs.list", audit: "ADMIN_READ" },
    async (request) => {
      const { parent } = request;
      checkParent(parent, true);
      const pageSize = pageSizeOf(request.pageSize, LIMITS.pageSize, LIMITS.pageSize);
      const scope = JSON.stringify(["listJobs", parent]);
      const after = decodePageToken(request.pageToken, scope)?.after;
      const rows = await jobs.list({
        parent,
        limit: pageSize + 1,
        ...(after !== undefined && { after: { name: after } }),
      });
      const { page, nextPageToken } = pageOf(rows, pageSize, ({ name }) => name, scope);
      return { jobs: page.map(jobOf), nextPageToken };
    },
  );
