import { CloudScheduler } from "../../../gen/google/cloud/scheduler/v1/cloudscheduler_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { type Deps, FORCED_KIND } from "../deps.ts";
import { findJob } from "../find.ts";
import { jobOf } from "../job.ts";

/** CloudScheduler.RunJob: one execution beside the schedule, also of a job that runs or is paused. Answers before it has begun. */
export const runJob = (deps: Deps) =>
  rpc(CloudScheduler.method.runJob, { permission: "cloudscheduler.jobs.run", audit: "ADMIN_WRITE" }, ({ name }) =>
    deps.store.transact(async (transaction) => {
      const row = await findJob(deps, name, transaction);
      const nowMs = deps.clock.nowMs();
      const id = deps.ids.uuid();
      const execution = { scheduledMs: nowMs, dueMs: nowMs, failures: 0 };
      await deps.forced.put(transaction, { id, job: name, execution });
      await deps.wakeups.wake(transaction, FORCED_KIND, id, nowMs);
      return jobOf(row);
    }),
  );
