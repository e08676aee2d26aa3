import assert from "node:assert/strict";
import { test } from "node:test";
import { CloudSchedulerClient } from "@google-cloud/scheduler";
import { CloudTasksClient } from "@google-cloud/tasks";
import * as grpc from "@grpc/grpc-js";
import { GoogleAuth, PassThroughClient } from "google-auth-library";
import { cloudscheduler } from "../../src/services/cloudscheduler/module.ts";
import { cloudtasks } from "../../src/services/cloudtasks/module.ts";
import { type BootedWithClock, bootWithTestClock } from "../support/boot-with-test-clock.ts";
import { quietLogging } from "../support/quiet-logging.ts";
import { startTestTarget } from "../support/test-target.ts";
import { until } from "../support/until.ts";

const PARENT = "projects/demo/locations/us-central1";
const HOUR_MS = 3_600_000;
const NOT_FOUND = { code: 5, status: "NOT_FOUND" };
const ALREADY_EXISTS = { code: 6, status: "ALREADY_EXISTS" };

const boot = () => bootWithTestClock((deps) => [cloudscheduler(deps), cloudtasks(deps), quietLogging()]);

/** What the official clients are told to speak gRPC, or REST, without TLS. */
function optionsOf({ api }: BootedWithClock, mode: "gRPC" | "REST") {
  const [apiEndpoint, port] = api.grpcAddress.split(":");
  const direct = { apiEndpoint: apiEndpoint!, port: Number(port), projectId: "demo" };
  // Keeps the clients from looking for credentials on the machine.
  const auth = new GoogleAuth({ authClient: new PassThroughClient() });
  if (mode === "REST") return { ...direct, fallback: true, protocol: "http", auth };
  return { ...direct, sslCreds: grpc.credentials.createInsecure(), auth };
}

/** By REST without credentials the clients hand on what they were answered. */
const hasCode =
  ({ code, status }: typeof NOT_FOUND) =>
  (error: Error & { readonly code?: number }) =>
    error.code === code ||
    error.message.includes(`"status":"${status}"`) ||
    error.message.includes(`"status": "${status}"`);

for (const mode of ["gRPC", "REST"] as const) {
  test(`@google-cloud/scheduler by ${mode}`, async () => {
    const booted = await boot();
    await using _ = booted.api;
    await using target = await startTestTarget();
    const client = new CloudSchedulerClient(optionsOf(booted, mode));
    const name = client.jobPath("demo", "us-central1", "job");
    const httpTarget = { uri: target.url, httpMethod: "PUT" as const, body: Buffer.from("text") };
    const job = { name, schedule: "0 * * * *", timeZone: "Etc/UTC", httpTarget };
    const [created] = await client.createJob({ parent: PARENT, job });
    assert.deepEqual([created.name, created.state, created.retryConfig?.maxDoublings], [name, "ENABLED", 5]);
    await assert.rejects(client.createJob({ parent: PARENT, job }), hasCode(ALREADY_EXISTS));
    const updateMask = { paths: ["schedule", "retry_config.retry_count"] };
    const changes = { name, schedule: "every 2 hours synchronized", retryConfig: { retryCount: 3 } };
    const [updated] = await client.updateJob({ job: changes, updateMask });
    assert.deepEqual([updated.retryConfig?.retryCount, updated.httpTarget?.uri], [3, target.url]);
    const [listed] = await client.listJobs({ parent: PARENT });
    assert.deepEqual(
      listed.map((one) => one.schedule),
      ["every 2 hours synchronized"],
    );
    await booted.advance(4 * HOUR_MS);
    assert.deepEqual(
      target.requests.map(({ method, body }) => `${method} ${body}`),
      ["PUT text", "PUT text"],
    );
    const [paused] = await client.pauseJob({ name });
    const [resumed] = await client.resumeJob({ name });
    assert.deepEqual([paused.state, resumed.state], ["PAUSED", "ENABLED"]);
    await client.runJob({ name });
    await until(async () => target.requests.length === 3);
    await client.deleteJob({ name });
    await assert.rejects(client.getJob({ name }), hasCode(NOT_FOUND));
    await client.close();
  });

  test(`@google-cloud/tasks by ${mode}`, async () => {
    const booted = await boot();
    await using _ = booted.api;
    await using target = await startTestTarget();
    const client = new CloudTasksClient(optionsOf(booted, mode));
    const queue = client.queuePath("demo", "us-central1", "queue");
    const [created] = await client.createQueue({
      parent: PARENT,
      queue: { name: queue, retryConfig: { maxAttempts: 3 } },
    });
    assert.deepEqual([created.rateLimits?.maxBurstSize, created.retryConfig?.maxAttempts], [100, 3]);
    const httpRequest = {
      url: target.url,
      body: Buffer.from("text"),
      headers: { "Content-Type": "text/plain" },
      oidcToken: { serviceAccountEmail: "a@demo.iam.gserviceaccount.com" },
    };
    await client.createTask({ parent: queue, task: { httpRequest } });
    await until(async () => target.requests.length === 1);
    assert.deepEqual([target.requests[0]!.body, target.requests[0]!.headers["content-type"]], ["text", "text/plain"]);
    assert.equal((await client.pauseQueue({ name: queue }))[0].state, "PAUSED");
    const name = client.taskPath("demo", "us-central1", "queue", "named");
    const scheduleTime = { seconds: Math.floor(booted.clock.nowMs() / 1000) + 60 };
    await client.createTask({ parent: queue, task: { name, httpRequest, scheduleTime } });
    await assert.rejects(client.createTask({ parent: queue, task: { name, httpRequest } }), hasCode(ALREADY_EXISTS));
    const [full] = await client.getTask({ name, responseView: "FULL" });
    assert.equal(Buffer.from(full.httpRequest!.body as Uint8Array).toString(), "text");
    const [tasks] = await client.listTasks({ parent: queue });
    assert.deepEqual(
      tasks.map((task) => [task.name, task.view, Number(task.scheduleTime?.seconds)]),
      [[name, "BASIC", scheduleTime.seconds]],
    );
    const [ran] = await client.runTask({ name });
    assert.equal(ran.dispatchCount, 1);
    await until(async () => target.requests.length === 2);
    await booted.settle();
    await assert.rejects(client.deleteTask({ name }), hasCode(NOT_FOUND));
    const [policy] = await client.setIamPolicy({ resource: queue, policy: { bindings: [] } });
    assert.ok(policy.etag);
    assert.ok((await client.purgeQueue({ name: queue }))[0].purgeTime);
    await client.deleteQueue({ name: queue });
    await assert.rejects(client.getQueue({ name: queue }), hasCode(NOT_FOUND));
    await client.close();
  });
}
