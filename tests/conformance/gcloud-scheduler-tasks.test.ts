import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gcloudIsHere, openGcloud } from "../support/gcloud.ts";
import { startRealServer } from "../support/real-server.ts";
import { startTestTarget } from "../support/test-target.ts";
import { until } from "../support/until.ts";

const LOCATION = "--location=us-central1";

if (gcloudIsHere()) describe("gcloud scheduler and gcloud tasks", runSuite);
else console.warn("NOT RUN: gcloud scheduler and tasks; gcloud is not on the PATH");

function runSuite(): void {
  test("jobs and tasks are created, changed, run and deleted, and time is advanced", async () => {
    await using target = await startTestTarget();
    await using server = await startRealServer({ flags: ["--clock", "manual"] });
    await using gcloud = await openGcloud(server);
    const output = async (...args: string[]) => (await gcloud.run(...args)).stdout.trim();

    const jobs = ["scheduler", "jobs"];
    const http = [`--uri=${target.url}/job`, "--schedule=0 * * * *", "--message-body=hi", "--max-retry-attempts=2"];
    await gcloud.run(...jobs, "create", "http", "one", LOCATION, ...http, "--oidc-service-account-email=a@b.c");
    const pubsub = ["--topic=topic", "--message-body=hi", "--schedule=every 5 minutes"];
    await gcloud.run(...jobs, "create", "pubsub", "two", LOCATION, ...pubsub);
    const list = await output(...jobs, "list", LOCATION);
    assert.match(list, /one\s+us-central1\s+0 \* \* \* \* \(Etc\/UTC\)\s+HTTP\s+ENABLED\ntwo .*Pub\/Sub\s+ENABLED/);
    const headers = ["--update-headers=X-A=b", "--clear-auth-token"];
    await gcloud.run(...jobs, "update", "http", "one", LOCATION, "--schedule=*/30 * * * *", ...headers);
    assert.doesNotMatch(await output(...jobs, "describe", "one", LOCATION), /oidcToken/);
    await server.homerun("clock", "advance", "1h");
    assert.deepEqual(
      target.requests.map(({ headers: sent, body }) => [sent["x-a"], sent["x-cloudscheduler-jobname"], body]),
      [1, 2].map(() => ["b", "one", "hi"]),
    );
    const log = await output(
      "logging",
      "read",
      "resource.labels.job_id=one AND severity=INFO",
      "--format=value(jsonPayload.debugInfo)",
    );
    assert.match(log, /URL_CRAWLED\. Original HTTP response code number = 200/);
    assert.match((await gcloud.run(...jobs, "pause", "one", LOCATION)).stderr, /Job has been paused/);
    await gcloud.run(...jobs, "run", "one", LOCATION);
    await until(async () => target.requests.length === 3);
    await gcloud.run(...jobs, "delete", "one", LOCATION);
    assert.match(
      await gcloud.fail(...jobs, "create", "app-engine", "ae", LOCATION, "--schedule=* * * * *"),
      /not supported/,
    );

    target.requests.length = 0;
    const queues = ["tasks", "queues"];
    await gcloud.run(...queues, "create", "q", LOCATION, "--max-attempts=3", "--min-backoff=60s");
    const described = await output(
      ...queues,
      "describe",
      "q",
      LOCATION,
      "--format=value(rateLimits.maxBurstSize,state)",
    );
    assert.equal(described, "100\tRUNNING");
    const task = ["--queue=q", LOCATION, `--url=${target.url}/task`, "--body-content=hello"];
    target.answer = 500;
    await gcloud.run("tasks", "create-http-task", "named", ...task);
    await until(async () => target.requests.length === 1);
    const row = /named\s+http\s+\S+\s+\S+\s+1\s+1\s+INTERNAL/;
    await until(async () => row.test(await output("tasks", "list", "--queue=q", LOCATION)));
    target.answer = 200;
    await server.homerun("clock", "advance", "2m");
    assert.equal(target.requests.length, 2);
    assert.match(await gcloud.fail("tasks", "describe", "named", "--queue=q", LOCATION), /no longer exists/);
    assert.match(await gcloud.fail("tasks", "create-http-task", "named", ...task), /existed too recently/);
    await gcloud.run(...queues, "pause", "q", LOCATION);
    await gcloud.run("tasks", "create-http-task", "other", ...task);
    await gcloud.run("tasks", "run", "other", "--queue=q", LOCATION);
    await until(async () => target.requests.length === 3);
    await gcloud.run(...queues, "delete", "q", LOCATION);
    assert.equal(await output(...queues, "list", LOCATION), "");
  });
}
