import { CloudScheduler } from "../../../gen/google/cloud/scheduler/v1/cloudscheduler_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findJob } from "../find.ts";

/** CloudScheduler.DeleteJob; an attempt under way goes on, and no other follows. */
export const deleteJob = (deps: Deps) =>
  rpc(CloudScheduler.method.deleteJob, { permission: "cloudscheduler.jobs.delete", audit: "ADMIN_WRITE" }, ({ name }) =>
    deps.store.transact(async (transaction) => {
      await findJob(deps, name, transaction);
      await deps.jobs.delete(transaction, name);
      await deps.forced.deleteOfJob(transaction, name);
      return {};
    }),
  );
