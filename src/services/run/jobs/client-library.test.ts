import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ExecutionsClient, JobsClient, type protos, TasksClient } from "@google-cloud/run";
import { type BootedRun, bootRun, IMAGE, PARENT } from "../testing/boot-run.ts";
import { clientOptions } from "../testing/client-options.ts";
import { PROGRAM, SILENT } from "../testing/process-serving.ts";

type Job = protos.google.cloud.run.v2.IJob;

const jobOf = (program: string, taskCount = 1): Job => ({
  template: {
    taskCount,
    template: { containers: [{ image: IMAGE, env: [{ name: PROGRAM, value: program }] }], maxRetries: 0 },
  },
});

describe("@google-cloud/run for jobs", () => {
  let booted: BootedRun;
  before(async () => {
    booted = await bootRun();
  });
  after(() => booted[Symbol.asyncDispose]());

  const options = (transport: string) => clientOptions(booted, transport);

  for (const transport of ["gRPC", "REST"]) {
    test(`creates, runs, lists, cancels and deletes over ${transport}`, async () => {
      const jobs = new JobsClient(options(transport));
      const executions = new ExecutionsClient(options(transport));
      const tasks = new TasksClient(options(transport));
      const jobId = `client-${transport.toLowerCase()}`;
      const name = `${PARENT}/jobs/${jobId}`;

      const [creating] = await jobs.createJob({ parent: PARENT, jobId, job: jobOf("process.exit(0)", 2) });
      const [created] = await creating.promise();
      assert.equal(created.name, name);
      const [running] = await jobs.runJob({ name });
      const [execution] = await running.promise();
      assert.deepEqual([execution.succeededCount, execution.taskCount], [2, 2]);
      const [listed] = await tasks.listTasks({ parent: execution.name! });
      assert.deepEqual(
        listed.map(({ index, lastAttemptResult }) => [index, lastAttemptResult?.exitCode]),
        [
          [0, 0],
          [1, 0],
        ],
      );
      const [task] = await tasks.getTask({ name: listed[1]!.name! });
      assert.equal(task.execution, execution.name!.split("/").at(-1));

      const [updating] = await jobs.updateJob({ job: { name, ...jobOf(SILENT) } });
      await updating.promise();
      const [endless] = await jobs.runJob({ name, overrides: { taskCount: 3 } });
      const started = endless.metadata as protos.google.cloud.run.v2.IExecution;
      const [cancelling] = await executions.cancelExecution({ name: started.name! });
      const [cancelled] = await cancelling.promise();
      assert.equal(cancelled.cancelledCount, 3);
      const [all] = await executions.listExecutions({ parent: name });
      assert.deepEqual(
        all.map((each) => each.name),
        [cancelled.name, execution.name],
      );
      const [deletingOne] = await executions.deleteExecution({ name: cancelled.name! });
      await deletingOne.promise();
      await assert.rejects(executions.getExecution({ name: cancelled.name! }), /kind 'EXECUTION'.* does not exist/);

      const [updated] = await jobs.updateJob({ job: { name, ...jobOf("process.exit(2)") } });
      await updated.promise();
      const [failing] = await jobs.runJob({ name });
      await assert.rejects(
        failing.promise(),
        /failed with exit code: 2 and message: The container exited with an error/,
      );
      const [deleting] = await jobs.deleteJob({ name });
      await deleting.promise();
      await assert.rejects(jobs.getJob({ name }), /does not exist/);
      await Promise.all([jobs.close(), executions.close(), tasks.close()]);
    });
  }
});
