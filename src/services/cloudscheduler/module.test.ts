import assert from "node:assert/strict";
import { test } from "node:test";
import { type BootedWithClock, bootWithTestClock } from "../../../tests/support/boot-with-test-clock.ts";
import { quietLogging } from "../../../tests/support/quiet-logging.ts";
import { startTestTarget } from "../../../tests/support/test-target.ts";
import { until } from "../../../tests/support/until.ts";
import { LogSeverity } from "../../gen/google/logging/type/log_severity_pb.js";
import type { WriteLogEntriesRequest } from "../../gen/google/logging/v2/logging_pb.js";
import { type PubsubMessage, Publisher } from "../../gen/google/pubsub/v1/pubsub_pb.js";
import { notFound } from "../../wire/errors.ts";
import { rpc } from "../../wire/rpc.ts";
import type { ServiceModule } from "../../wire/service-module.ts";
import { cloudscheduler } from "./module.ts";

type Json = Record<string, unknown>;

const PARENT = "/v1/projects/demo/locations/europe-west1/jobs";
const NAME = "projects/demo/locations/europe-west1/jobs";
const MINUTE_MS = 60_000;

/** Boots Cloud Scheduler, with time one minute past the hour of noon. */
async function boot(more: Parameters<typeof bootWithTestClock>[1] = {}, publish = publisher([])) {
  const target = await startTestTarget();
  const logs: WriteLogEntriesRequest[] = [];
  const noon = new Date();
  noon.setUTCHours(36, 1, 0, 0);
  const booted = await bootWithTestClock((deps) => [cloudscheduler(deps), quietLogging(logs), publish], {
    aheadMs: noon.getTime() - Date.now(),
    ...more,
  });
  return { ...booted, target, logs, call: caller(booted) };
}

function caller({ api }: BootedWithClock) {
  return async (method: string, path: string, body?: Json, status = 200): Promise<Json> => {
    const answer = await api.json(method, `${PARENT}${path}`, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
}

/** Takes what is published to the topic "here". */
function publisher(messages: PubsubMessage[]): ServiceModule {
  return {
    name: "pubsub",
    services: [Publisher],
    rpcs: [
      rpc(Publisher.method.publish, { permission: "none", audit: "none" }, async ({ topic, messages: given }, call) => {
        if (!topic.endsWith("/here")) throw notFound(topic);
        assert.equal(call.principal.kind, "serviceAgent");
        messages.push(...given);
        return { messageIds: given.map((_message, index) => String(index)) };
      }),
    ],
  };
}

const messageOf = (body: Json) => (body["error"] as { message: string }).message;
const job = (name: string, uri: string, more: Json = {}, schedule = "*/10 * * * *") => ({
  name: `${NAME}/${name}`,
  schedule,
  httpTarget: { uri },
  ...more,
});

/** What was logged of a job's attempts. */
function executionsOf(logs: readonly WriteLogEntriesRequest[], id: string): Json[] {
  const all = logs.flatMap(({ entries }) => entries);
  const own = all.filter(({ payload }) => payload.case === "jsonPayload");
  const entries = own.filter(({ resource }) => resource?.labels["job_id"] === id);
  return entries.map(({ payload, severity, httpRequest, logName, resource }) => {
    assert.equal(logName, "projects/demo/logs/cloudscheduler.googleapis.com%2Fexecutions");
    assert.equal(resource?.type, "cloud_scheduler_job");
    const { "@type": type, ...rest } = payload.value as Json;
    const status = httpRequest?.status;
    return { type: String(type).split(".").at(-1), severity: LogSeverity[severity], http: status, ...rest };
  });
}

test("a job calls its target at each time of its schedule, with Google's headers, and logs it", async () => {
  const { api, target, logs, advance, call } = await boot();
  await using _ = api;
  await using _target = target;
  const created = await call("POST", "", {
    ...job("tick", `${target.url}/path?q=1`),
    timeZone: "Asia/Tokyo",
    httpTarget: {
      uri: `${target.url}/path?q=1`,
      body: Buffer.from("text").toString("base64"),
      headers: { "X-Mine": "1", "user-agent": "mine", "X-CloudScheduler": "false" },
      oidcToken: { serviceAccountEmail: "caller@demo.iam.gserviceaccount.com" },
    },
  });
  const dueMs = Date.parse(String(created["scheduleTime"]));
  assert.deepEqual([created["state"], created["attemptDeadline"]], ["ENABLED", "180s"]);
  assert.deepEqual(created["retryConfig"], {
    maxBackoffDuration: "3600s",
    maxDoublings: 5,
    maxRetryDuration: "0s",
    minBackoffDuration: "5s",
  });
  await advance(30 * MINUTE_MS);
  assert.equal(target.requests.length, 3);
  const { method, path, headers, body } = target.requests[0]!;
  assert.deepEqual([method, path, body], ["POST", "/path?q=1", "text"]);
  assert.deepEqual(
    ["user-agent", "x-cloudscheduler", "x-cloudscheduler-jobname", "content-type", "x-mine"].map(
      (name) => headers[name],
    ),
    ["Google-Cloud-Scheduler", "true", "tick", "application/octet-stream", "1"],
  );
  const time = String(headers["x-cloudscheduler-scheduletime"]);
  assert.match(time, /^\d{4}-\d\d-\d\dT21:10:00\+09:00$/);
  assert.equal(Date.parse(time), dueMs);
  const claims = JSON.parse(Buffer.from(headers.authorization!.split(".")[1]!, "base64url").toString()) as Json;
  assert.deepEqual([claims["aud"], claims["email"]], [`${target.url}/path?q=1`, "caller@demo.iam.gserviceaccount.com"]);
  const after = await call("GET", "/tick");
  assert.deepEqual(after["status"], {});
  assert.ok(Date.parse(String(after["lastAttemptTime"])) >= dueMs + 20 * MINUTE_MS);
  assert.equal(Date.parse(String(after["scheduleTime"])), dueMs + 30 * MINUTE_MS);
  const common = { severity: "INFO", jobName: `${NAME}/tick`, targetType: "HTTP", url: `${target.url}/path?q=1` };
  const [started, finished, ...others] = executionsOf(logs, "tick");
  const scheduledTime = new Date(dueMs).toISOString();
  assert.deepEqual(started, { ...common, type: "AttemptStarted", http: undefined, scheduledTime });
  const debugInfo = "URL_CRAWLED. Original HTTP response code number = 200";
  assert.deepEqual(finished, { ...common, type: "AttemptFinished", http: 200, debugInfo });
  assert.equal(others.length, 4);
});

test("failed attempts are retried with back-off until the next time of the schedule", async () => {
  const { api, target, logs, advance, call, clock } = await boot();
  await using _ = api;
  await using _target = target;
  const times: number[] = [];
  target.answer = () => {
    times.push(clock.nowMs());
    return 500;
  };
  const retryConfig = { retryCount: 5, minBackoffDuration: "10s", maxBackoffDuration: "300s", maxDoublings: 3 };
  await call("POST", "", job("fails", target.url, { retryConfig }));
  await advance(14 * MINUTE_MS);
  const gaps = times.slice(1).map((time, index) => Math.round((time - times[index]!) / 1000));
  assert.deepEqual(gaps, [10, 20, 40, 80]);
  assert.deepEqual((await call("GET", "/fails"))["status"], { code: 13 });
  const finished = executionsOf(logs, "fails").filter(({ type }) => type === "AttemptFinished");
  assert.equal(finished.length, 5);
  const { severity, status, debugInfo, http } = finished[0]!;
  assert.deepEqual([severity, status, http], ["ERROR", "INTERNAL", 500]);
  assert.equal(debugInfo, "URL_UNREACHABLE-UNREACHABLE_5xx. Original HTTP response code number = 500");
  await advance(3 * MINUTE_MS);
  assert.equal(times.length, 6);
  await advance(11 * MINUTE_MS);
  assert.equal(times.length, 12);
});

test("one run of a job at a time; RunJob runs beside it, also when the job is paused", async () => {
  const { api, target, advance, call } = await boot();
  await using _ = api;
  await using _target = target;
  const gate = Promise.withResolvers<number>();
  target.answer = () => gate.promise;
  await call("POST", "", job("slow", target.url, {}, "* * * * *"));
  const advanced = advance(MINUTE_MS);
  await until(async () => target.requests.length === 1);
  target.answer = 200;
  await call("POST", "/slow:run", {});
  await until(async () => target.requests.length === 2);
  gate.resolve(200);
  await advanced;
  const paused = await call("POST", "/slow:pause", {});
  assert.deepEqual([paused["state"], paused["scheduleTime"]], ["PAUSED", undefined]);
  await advance(10 * MINUTE_MS);
  assert.equal(target.requests.length, 2);
  await call("POST", "/slow:run", {});
  await advance(0);
  assert.equal(target.requests.length, 3);
  const text = messageOf(await call("POST", "/slow:pause", {}, 400));
  assert.equal(text, "Job.state must be ENABLED for PauseJob.");
  await call("POST", "/slow:resume", {});
  await call("POST", "/slow:resume", {}, 400);
  await advance(MINUTE_MS);
  assert.equal(target.requests.length, 4);
  await call("DELETE", "/slow");
  await advance(10 * MINUTE_MS);
  assert.equal(target.requests.length, 4);
  assert.equal(messageOf(await call("GET", "/slow", undefined, 404)), "Job not found.");
});

test("a job publishes as Cloud Scheduler's agent, and says when there is no such topic", async () => {
  const messages: PubsubMessage[] = [];
  const { api, target, logs, advance, call } = await boot({}, publisher(messages));
  await using _ = api;
  await using _target = target;
  const pubsub = (name: string, topic: string) => ({
    name: `${NAME}/${name}`,
    schedule: "every 1 minutes",
    pubsubTarget: { topicName: `projects/demo/topics/${topic}`, data: "aGk=", attributes: { a: "b" } },
  });
  await call("POST", "", pubsub("good", "here"));
  await call("POST", "", pubsub("bad", "nowhere"));
  await advance(1.5 * MINUTE_MS);
  assert.deepEqual(
    messages.map(({ data, attributes }) => [Buffer.from(data).toString(), attributes]),
    [["hi", { a: "b" }]],
  );
  assert.deepEqual((await call("GET", "/good"))["status"], {});
  assert.deepEqual((await call("GET", "/bad"))["status"], { code: 5 });
  const [, finished] = executionsOf(logs, "bad");
  assert.deepEqual([finished!["status"], finished!["targetType"]], ["NOT_FOUND", "PUB_SUB"]);
});

test("updates change the fields of their mask; a new schedule counts from now", async () => {
  const { api, target, call } = await boot();
  await using _ = api;
  await using _target = target;
  const oidcToken = { serviceAccountEmail: "a@b.c", audience: "me" };
  await call("POST", "", job("one", target.url, { httpTarget: { uri: target.url, oidcToken } }));
  const changed = await call("PATCH", "/one?updateMask=schedule,description", {
    schedule: "0 * * * *",
    description: "d",
  });
  assert.match(String(changed["scheduleTime"]), /T13:00:00Z$/);
  assert.deepEqual([changed["description"], (changed["httpTarget"] as Json)["uri"]], ["d", target.url]);
  const mask = [
    "oidcToken.serviceAccountEmail",
    "oidcToken.audience",
    "oauthToken.serviceAccountEmail",
    "oauthToken.scope",
  ];
  const updateMask = mask.map((path) => `httpTarget.${path}`).join();
  const cleared = await call("PATCH", `/one?updateMask=${updateMask}`, {});
  assert.deepEqual(Object.keys(cleared["httpTarget"] as Json).toSorted(), ["headers", "httpMethod", "uri"]);
  const headersAfter = async (headers: Json) => {
    const { httpTarget } = await call("PATCH", "/one?updateMask=httpTarget.headers", { httpTarget: { headers } });
    return (httpTarget as { headers: Json }).headers;
  };
  await headersAfter({ A: "1", B: "1" });
  assert.deepEqual(await headersAfter({ B: "2" }), { A: "1", B: "2", "User-Agent": "Google-Cloud-Scheduler" });
  assert.deepEqual(await headersAfter({}), { "User-Agent": "Google-Cloud-Scheduler" });
  await call("POST", "/one:pause", {});
  const whole = await call("PATCH", "/one", job("one", `${target.url}/new`));
  assert.deepEqual([whole["state"], whole["description"], whole["scheduleTime"]], ["PAUSED", undefined, undefined]);
  await call("PATCH", "/none?updateMask=schedule", { schedule: "0 * * * *" }, 404);
});

test("jobs are listed by name in pages, and get a name when they have none", async () => {
  const { api, target, call } = await boot();
  await using _ = api;
  await using _target = target;
  for (const name of ["b", "a", "c"]) await call("POST", "", job(name, target.url));
  const unnamed = await call("POST", "", { ...job("", target.url), name: undefined });
  assert.match(String(unnamed["name"]), /\/jobs\/\d{20}$/);
  await call("DELETE", `/${String(unnamed["name"]).split("/").at(-1)}`);
  const first = await call("GET", "?pageSize=2");
  const second = await call("GET", `?pageSize=2&pageToken=${String(first["nextPageToken"])}`);
  const ids = [first, second].map(({ jobs }) => (jobs as Json[]).map(({ name }) => String(name).slice(-1)));
  assert.deepEqual(ids, [["a", "b"], ["c"]]);
  assert.equal(second["nextPageToken"], undefined);
});

test("what Cloud Scheduler does not take is refused", async () => {
  const { api, target, call } = await boot();
  await using _ = api;
  await using _target = target;
  await call("POST", "", job("here", target.url));
  assert.equal(messageOf(await call("POST", "", job("here", target.url), 409)), `Job ${NAME}/here already exists.`);
  const wrong: Json[] = [
    { schedule: "every so often" },
    { schedule: "0 0 30 2 *" },
    { timeZone: "Mars/Base" },
    { httpTarget: { uri: "ftp://x" } },
    { httpTarget: { uri: target.url, httpMethod: "GET", body: "aGk=" } },
    { httpTarget: { uri: target.url, oidcToken: {} } },
    { httpTarget: undefined },
    { httpTarget: undefined, appEngineHttpTarget: { relativeUri: "/" } },
    { httpTarget: undefined, pubsubTarget: { topicName: "projects/demo/topics/t" } },
    { httpTarget: undefined, pubsubTarget: { topicName: "projects/other/topics/t", data: "aGk=" } },
    { attemptDeadline: "14s" },
    { attemptDeadline: "1801s" },
    { retryConfig: { retryCount: 6 } },
    { retryConfig: { minBackoffDuration: "10s", maxBackoffDuration: "5s" } },
    { description: "x".repeat(501) },
    { name: `${NAME}/no spaces` },
    { name: "projects/demo/locations/us-central1/jobs/elsewhere" },
  ];
  for (const fields of wrong) await call("POST", "", { ...job("new", target.url), ...fields }, 400);
  const schedule = await call("POST", "", job("new", target.url, {}, "* * * *"), 400);
  assert.equal(messageOf(schedule), "Schedule or time zone is invalid.");
  const { body } = await api.json("GET", "/v1/projects/demo/locations/atlantis/jobs");
  assert.match(messageOf(body), /^Location 'atlantis' is not a valid location\./);
  assert.equal(((await call("GET", ""))["jobs"] as Json[]).length, 1);
});
