import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../../tests/support/until.ts";
import { bootTasks, DAY_MS, header, HOUR_MS, type Json, messageOf, NAME, PARENT } from "./testing/boot-tasks.ts";

test("a task is sent at once, with Google's headers, and gone when it succeeded", async () => {
  const { api, target, add, call, settle } = await bootTasks();
  await using _ = api;
  await using _target = target;
  const task = await add({
    httpRequest: {
      url: `${target.url}/path`,
      httpMethod: "PUT",
      headers: { "Content-Type": "text/plain", "x-cloudtasks-queuename": "fake", "User-Agent": "mine" },
      body: Buffer.from("hi").toString("base64"),
      oidcToken: { serviceAccountEmail: "a@demo.iam.gserviceaccount.com", audience: "me" },
    },
  });
  assert.deepEqual(
    [task["view"], task["dispatchDeadline"], "body" in (task["httpRequest"] as Json)],
    ["BASIC", "600s", false],
  );
  await until(async () => target.requests.length === 1);
  const { method, path, body, headers } = target.requests[0]!;
  assert.deepEqual([method, path, body], ["PUT", "/path", "hi"]);
  const names = [
    "queuename",
    "taskname",
    "taskretrycount",
    "taskexecutioncount",
    "taskpreviousresponse",
    "taskretryreason",
  ];
  const id = String(task["name"]).split("/").at(-1);
  assert.deepEqual(
    names.map((name) => header(target.requests[0], name)),
    ["work", id, "0", "0", undefined, undefined],
  );
  assert.match(String(header(target.requests[0], "tasketa")), /^\d{10}\.\d{6}$/);
  assert.deepEqual([headers["user-agent"], headers["content-type"]], ["Google-Cloud-Tasks", "text/plain"]);
  const claims = JSON.parse(Buffer.from(headers.authorization!.split(".")[1]!, "base64url").toString()) as Json;
  assert.deepEqual([claims["aud"], claims["email"]], ["me", "a@demo.iam.gserviceaccount.com"]);
  await settle();
  assert.equal(messageOf(await call("GET", `/work/tasks/${id}`, undefined, 404)), "Task does not exist.");
  assert.deepEqual(await call("GET", "/work/tasks"), {});
});

test("a task waits for its time, up to 30 days", async () => {
  const { api, target, clock, add, call, advance } = await bootTasks();
  await using _ = api;
  await using _target = target;
  const at = (ms: number) => new Date(clock.nowMs() + ms).toISOString();
  const scheduleTime = at(29 * DAY_MS);
  const task = await add({ name: `${NAME}/tasks/later`, scheduleTime });
  assert.equal(task["scheduleTime"], scheduleTime);
  await add({ scheduleTime: at(10 * DAY_MS) });
  await add({ scheduleTime: at(30.5 * DAY_MS) }, 400);
  await advance(10 * DAY_MS + 1000);
  assert.equal(target.requests.length, 1);
  await advance(18.9 * DAY_MS);
  assert.equal(target.requests.length, 1);
  assert.equal((await call("GET", "/work/tasks/later"))["scheduleTime"], scheduleTime);
  await advance(0.2 * DAY_MS);
  assert.equal(header(target.requests[1], "taskname"), "later");
});

test("what the target asks for by Retry-After is heard, and redirects are followed", async () => {
  const { api, target, add, advance } = await bootTasks();
  await using _ = api;
  await using _target = target;
  target.answer = { status: 503, headers: { "retry-after": "60" } };
  await add();
  await advance(59_000);
  assert.equal(target.requests.length, 1);
  target.answer = ({ path }) => (path === "/end" ? 200 : { status: 302, headers: { location: "/end" } });
  await advance(2_000);
  assert.deepEqual(
    target.requests.map(({ method, path }) => `${method} ${path}`),
    ["POST /", "POST /", "GET /end"],
  );
  await advance(HOUR_MS);
  assert.equal(target.requests.length, 3);
});

test("a name can be used once, until an hour after its task is gone", async () => {
  const { api, add, call, target, advance } = await bootTasks();
  await using _ = api;
  await using _target = target;
  await call("POST", "/work:pause", {});
  const name = `${NAME}/tasks/only`;
  await add({ name });
  assert.equal(messageOf(await add({ name }, 409)), "Requested entity already exists");
  await call("DELETE", "/work/tasks/only");
  const tooRecent = "The task cannot be created because a task with this name existed too recently.";
  assert.equal(messageOf(await add({ name }, 409)), tooRecent);
  await advance(HOUR_MS + 61_000);
  await call("POST", "/work:resume", {});
  await add({ name });
  await until(async () => target.requests.length === 1);
  await advance(1000);
  assert.equal(messageOf(await add({ name }, 409)), tooRecent);
  await advance(HOUR_MS + 61_000);
  await add({ name });
});

test("a task lives for 31 days at most", async () => {
  const { api, add, call, target, advance } = await bootTasks();
  await using _ = api;
  await using _target = target;
  await call("POST", "/work:pause", {});
  await add({ name: `${NAME}/tasks/old` });
  await advance(31 * DAY_MS);
  await call("GET", "/work/tasks/old", undefined, 404);
  await call("POST", "/work:resume", {});
  await advance(1000);
  assert.equal(target.requests.length, 0);
});

test("tasks are listed in pages by id", async () => {
  const { api, add, call, target } = await bootTasks();
  await using _ = api;
  await using _target = target;
  await call("POST", "/work:pause", {});
  await Promise.all(["c", "a", "b"].map((id) => add({ name: `${NAME}/tasks/${id}` })));
  const first = await call("GET", "/work/tasks?pageSize=2");
  const second = await call("GET", `/work/tasks?pageSize=2&pageToken=${String(first["nextPageToken"])}`);
  const ids = [first, second].map(({ tasks }) => (tasks as Json[]).map(({ name }) => String(name).at(-1)));
  assert.deepEqual(ids, [["a", "b"], ["c"]]);
});

test("what Cloud Tasks does not take is refused", async () => {
  const { api, add, call, target } = await bootTasks();
  await using _ = api;
  await using _target = target;
  const wrongTasks: Json[] = [
    { httpRequest: undefined },
    { httpRequest: { url: "ftp://x" } },
    { httpRequest: { url: target.url, httpMethod: "GET", body: "aGk=" } },
    { httpRequest: { url: target.url, body: Buffer.alloc(101 * 1024).toString("base64") } },
    { httpRequest: undefined, appEngineHttpRequest: { relativeUri: "/" } },
    { dispatchDeadline: "14s" },
    { dispatchDeadline: "1801s" },
    { name: "nonsense" },
    { name: `${PARENT}/queues/other/tasks/a` },
  ];
  for (const task of wrongTasks) await add(task, 400);
  const wrongQueues: Json[] = [
    { rateLimits: { maxDispatchesPerSecond: 501 } },
    { rateLimits: { maxDispatchesPerSecond: -1 } },
    { rateLimits: { maxConcurrentDispatches: 5001 } },
    { retryConfig: { maxAttempts: -2 } },
    { retryConfig: { minBackoff: "10s", maxBackoff: "5s" } },
    { stackdriverLoggingConfig: { samplingRatio: 1.5 } },
    { appEngineRoutingOverride: { service: "s" } },
    { httpTarget: { uriOverride: { host: "http://x" } } },
    { name: `${PARENT}/queues/under_score` },
  ];
  for (const queue of wrongQueues) await call("POST", "", { name: `${PARENT}/queues/new`, ...queue }, 400);
  const { body } = await api.json("PATCH", `/v2/${PARENT}/cmekConfig`, { kmsKey: "projects/p/locations/l/keyRings/k" });
  assert.equal(messageOf(body), "The field cmek_config.kms_key is not supported by homerun.");
  assert.equal((await api.json("GET", `/v2/${PARENT}/cmekConfig`)).status, 200);
});
