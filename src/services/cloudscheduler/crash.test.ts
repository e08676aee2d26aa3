import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { crashEverywhere, type CrashScenario } from "../../../tests/recovery/crash-everywhere.ts";
import type { Process } from "../../../tests/recovery/mortal-process.ts";
import { bootWithTestClock } from "../../../tests/support/boot-with-test-clock.ts";
import { quietLogging } from "../../../tests/support/quiet-logging.ts";
import { startTestTarget } from "../../../tests/support/test-target.ts";
import { until } from "../../../tests/support/until.ts";
import { Job_State, JobSchema } from "../../gen/google/cloud/scheduler/v1/job_pb.js";
import { HttpMethod } from "../../gen/google/cloud/scheduler/v1/target_pb.js";
import { createClients } from "../../wire/in-process/client.ts";
import type { Tokens } from "../../wire/credentials/tokens.ts";
import type { Deps } from "./deps.ts";
import { FORCED_KIND } from "./deps.ts";
import { newJobRow, stateOf, withDefaults } from "./job.ts";
import { cloudscheduler } from "./module.ts";
import { reconcilers } from "./reconcile.ts";
import { createTables, migrations } from "./store.ts";

const NAME = "projects/demo/locations/europe-west1/jobs/paused";
const RETRIED_AFTER_MS = 7_000;

/** When the target was called. */
type World = number[];

function depsOf(process: Process<World>): Deps {
  const send = () => {
    process.world.push(process.clock.nowMs());
    const sinceMs = process.clock.nowMs() - process.world[0]!;
    return Promise.resolve({
      status: sinceMs < RETRIED_AFTER_MS ? 500 : 200,
      headers: {},
      body: Buffer.alloc(0),
      truncated: false,
    });
  };
  const outgoing = { send: () => process.edge("send", send), [Symbol.asyncDispose]: async () => {} };
  const clients = createClients(
    () => ({ dispatch: () => Promise.resolve({}) }) as never,
    () => "",
    () => "",
  );
  return { ...process, ...createTables(process.store), outgoing, clients, tokens: {} as Tokens };
}

const scenario: CrashScenario<World> = {
  makeWorld: () => [],
  async setUp(process) {
    await process.store.migrate("cloudscheduler", migrations);
    const { jobs } = depsOf(process);
    const target = { case: "httpTarget" as const, value: { uri: "http://a.example", httpMethod: HttpMethod.POST } };
    const job = create(JobSchema, {
      name: NAME,
      schedule: "* * * * *",
      state: Job_State.PAUSED,
      target,
      retryConfig: { retryCount: 5 },
    });
    await process.store.transact((transaction) =>
      jobs.insert(transaction, newJobRow({ job: withDefaults(job), execution: undefined }, "uid", 0)),
    );
  },
  async request(process) {
    const { store, forced, wakeups, clock } = depsOf(process);
    await store.transact(async (transaction) => {
      const nowMs = clock.nowMs();
      await forced.put(transaction, {
        id: "run",
        job: NAME,
        execution: { scheduledMs: nowMs, dueMs: nowMs, failures: 0 },
      });
      await wakeups.wake(transaction, FORCED_KIND, "run", nowMs);
    });
  },
  run: (process) => reconcilers(depsOf(process)),
  async observe(process) {
    const { jobs, forced } = depsOf(process);
    const { job } = stateOf((await jobs.get(NAME))!);
    const succeeded = process.world.some((timeMs) => timeMs - process.world[0]! >= RETRIED_AFTER_MS);
    return { succeeded, code: job.status?.code, left: await forced.get("run") };
  },
};

test("an execution is retried until it succeeds wherever the process dies", async () => {
  const boundaries = await crashEverywhere(scenario);
  for (const expected of ["before send", "after send"])
    assert.ok(boundaries.includes(expected), `${expected} is not among ${boundaries.join(", ")}`);
});

test("an attempt that the end of the server cut off is made again, and of the times that were missed one is made up for", async () => {
  await using target = await startTestTarget();
  target.answer = () => new Promise(() => {});
  const first = await bootWithTestClock((deps) => [cloudscheduler(deps), quietLogging()], { keepData: true });
  const path = "/v1/projects/demo/locations/europe-west1/jobs";
  const job = { name: NAME.replace("paused", "cut"), schedule: "0 * * * *", httpTarget: { uri: target.url } };
  assert.equal((await first.api.json("POST", path, job)).status, 200);
  const advanced = first.advance(3_600_000);
  await until(async () => target.requests.length === 1);
  const aheadMs = first.clock.aheadMs();
  await first.api[Symbol.asyncDispose]();
  await advanced.catch(() => {});
  target.answer = 200;
  const { dataDir } = first.api;
  const later = { aheadMs: aheadMs + 5 * 3_600_000, dataDir };
  const second = await bootWithTestClock((deps) => [cloudscheduler(deps), quietLogging()], later);
  await using _ = second.api;
  await second.advance(1);
  const [one, again, ...others] = target.requests.map(({ headers }) => headers["x-cloudscheduler-scheduletime"]);
  const missed = new Date(Date.parse(String(one)) + 3_600_000).toISOString().replace(".000", "");
  assert.deepEqual([again, others], [one, [missed]]);
  await second.advance(3_600_000);
  assert.equal(target.requests.length, 4);
});
