import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../../../../tests/support/until.ts";
import { type BootedRun, bootRun, IMAGE, PARENT } from "../testing/boot-run.ts";
import { PROGRAM } from "../testing/process-serving.ts";
import { endedExecution, newExecution } from "./execution.ts";
import { KEPT_EXECUTIONS, KEPT_FOR_MS } from "./limits.ts";
import { createJobStore } from "./store.ts";

const JOB = `${PARENT}/jobs/busy`;
const OLD = 3;

let booted: BootedRun;
before(async () => {
  booted = await bootRun();
});
after(() => booted[Symbol.asyncDispose]());

test("of a job's executions the latest 1,000 are kept, and those of the last seven days", async () => {
  const { store, clock } = booted.api.api.deps;
  const jobs = createJobStore(store);
  const containers = [{ image: IMAGE, env: [{ name: PROGRAM, value: "process.exit(0)" }] }];
  const body = { template: { template: { containers } } };
  await booted.wait(await booted.api.json("POST", `/run/v2/${PARENT}/jobs?jobId=busy`, body));
  // More than are kept, all of them old.
  await store.transact(async (transaction) => {
    const record = (await jobs.getJob(JOB, transaction))!;
    for (let index = 0; index < KEPT_EXECUTIONS + OLD; index++) {
      const nowMs = clock.nowMs() - KEPT_FOR_MS - 60_000 + index;
      const id = `busy-${String(index).padStart(5, "0")}`;
      const made = newExecution(record.job, id, id, record.job.template!, { email: "me@example.com", nowMs });
      const hidden = { operationId: "", metadata: record.hidden.template, jobUid: "", jobGeneration: 1, jobVersion: 1 };
      const execution = endedExecution(made, undefined, nowMs);
      await jobs.insertExecution(transaction, { execution, hidden: { ...hidden, isCancelled: false }, version: 1 });
    }
    record.job.executionCount = KEPT_EXECUTIONS + OLD;
    await jobs.updateJob(transaction, record);
  });
  await booted.wait(await booted.api.json("POST", `/run/v2/${JOB}:run`, {}));
  const count = async () => (await jobs.listExecutions({ parent: JOB, limit: 2 * KEPT_EXECUTIONS })).length;
  await until(async () => (await count()) === KEPT_EXECUTIONS);
  const oldest = await jobs.listExecutions({ parent: JOB, limit: 1, orderBy: "createTime" });
  assert.equal(oldest[0]!.execution.name, `${JOB}/executions/busy-${String(OLD + 1).padStart(5, "0")}`);
});
