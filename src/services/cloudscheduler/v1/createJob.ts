import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { CloudScheduler } from "../../../gen/google/cloud/scheduler/v1/cloudscheduler_pb.js";
import { Job_State } from "../../../gen/google/cloud/scheduler/v1/job_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { type Deps, JOB_KIND } from "../deps.ts";
import { invalidField, jobExists } from "../errors.ts";
import { jobOf, newJobRow, scheduleOf, withDefaults } from "../job.ts";
import { nextExecution } from "../line.ts";
import { checkParent, parseJobName } from "../names.ts";
import { validateJob } from "../validate.ts";

const GENERATED_ID_DIGITS = 20;

/** CloudScheduler.CreateJob; a job without a name gets one. */
export const createJob = (deps: Deps) =>
  rpc(
    CloudScheduler.method.createJob,
    { permission: "cloudscheduler.jobs.create", audit: "ADMIN_WRITE" },
    ({ parent, job: given }) => {
      checkParent(parent);
      const job = withDefaults(given!);
      job.name ||= `${parent}/jobs/${deps.ids.text(GENERATED_ID_DIGITS, "0123456789")}`;
      if (parseJobName(job.name).parent !== parent)
        throw invalidField("job.name", `The job's name must begin with the parent "${parent}".`);
      const nowMs = deps.clock.nowMs();
      validateJob(job, nowMs);
      job.state = Job_State.ENABLED;
      job.userUpdateTime = timestampFromMs(nowMs);
      const execution = nextExecution(scheduleOf(job), nowMs);
      const row = newJobRow({ job, execution }, deps.ids.uuid(), nowMs);
      return deps.store.transact(async (transaction) => {
        if (await deps.jobs.get(row.name, transaction)) throw jobExists(row.name);
        await deps.jobs.insert(transaction, row);
        if (execution) await deps.wakeups.wake(transaction, JOB_KIND, row.name, execution.dueMs);
        return jobOf(row);
      });
    },
  );
