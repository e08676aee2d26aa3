import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../../tests/support/until.ts";
import { bootTasks, DAY_MS, header, HOUR_MS, type Json, messageOf, NAME, PARENT } from "./testing/boot-tasks.ts";

test("a failed task is tried again with back-off, as often as its queue says", async () => {
  const retryConfig = { maxAttempts: 5, minBackoff: "10s", maxBackoff: "300s", maxDoublings: 3 };
  const { api, target, clock, add, call, advance } = await bootTasks({ retryConfig });
  await using _ = api;
  await using _target = target;
  const times: number[] = [];
  target.answer = () => {
    times.push(clock.nowMs());
    return 500;
  };
  await add({ name: `${NAME}/tasks/fails` });
  await advance(1000);
  const task = await call("GET", "/work/tasks/fails?responseView=FULL");
  assert.deepEqual([task["view"], task["dispatchCount"], task["responseCount"]], ["FULL", 1, 1]);
  const last = task["lastAttempt"] as Json;
  assert.deepEqual(last["responseStatus"], { code: 13, message: "INTERNAL(13): HTTP status code 500" });
  assert.equal((task["firstAttempt"] as Json)["dispatchTime"], last["dispatchTime"]);
  assert.equal(Date.parse(String(task["scheduleTime"])) - Date.parse(String(last["responseTime"])), 10_000);
  await advance(HOUR_MS);
  const gaps = times.slice(1).map((time, index) => Math.round((time - times[index]!) / 1000));
  assert.deepEqual(gaps, [10, 20, 40, 80]);
  const names = ["taskretrycount", "taskexecutioncount", "taskpreviousresponse", "taskretryreason"];
  assert.deepEqual(
    names.map((name) => header(target.requests[4], name)),
    ["4", "4", "500", "INTERNAL"],
  );
  const gone = messageOf(await call("GET", "/work/tasks/fails", undefined, 404));
  assert.match(gone, /^The task no longer exists, though a task with this name existed recently\./);
});

test("a paused queue keeps its tasks, RunTask sends one of them nevertheless, and a purge ends them", async () => {
  const { api, add, call, target, advance, settle } = await bootTasks();
  await using _ = api;
  await using _target = target;
  assert.equal((await call("POST", "/work:pause", {}))["state"], "PAUSED");
  for (const id of ["a", "b", "c"]) await add({ name: `${NAME}/tasks/${id}` });
  await advance(HOUR_MS);
  assert.equal(target.requests.length, 0);
  target.answer = 500;
  const ran = await call("POST", "/work/tasks/b:run", {});
  assert.equal(ran["dispatchCount"], 1);
  await settle();
  assert.equal(header(target.requests[0], "taskname"), "b");
  target.answer = 200;
  await call("POST", "/work/tasks/b:run", {});
  await settle();
  await call("POST", "/work/tasks/b:run", {}, 404);
  const purged = await call("POST", "/work:purge", {});
  assert.ok(purged["purgeTime"]);
  assert.deepEqual(await call("GET", "/work/tasks"), {});
  assert.equal(messageOf(await add({ name: `${NAME}/tasks/a` }, 409)).endsWith("existed too recently."), true);
  await add({ name: `${NAME}/tasks/d` });
  await call("POST", "/work:resume", {});
  await settle();
  assert.deepEqual(
    target.requests.map((request) => header(request, "taskname")),
    ["b", "b", "d"],
  );
});

test("no more tasks run at once, and none faster, than the rate limits say", async () => {
  const rateLimits = { maxConcurrentDispatches: 3, maxDispatchesPerSecond: 500 };
  const { api, add, call, target, clock, advance } = await bootTasks({ rateLimits });
  await using _ = api;
  await using _target = target;
  const state = { now: 0, most: 0 };
  target.answer = async () => {
    state.most = Math.max(state.most, ++state.now);
    await until(async () => state.most === 3);
    state.now--;
    return 200;
  };
  for (let count = 0; count < 20; count++) await add();
  await until(async () => target.requests.length === 20);
  assert.equal(state.most, 3);
  target.answer = 200;
  const slow = await call("PATCH", "/work?updateMask=rateLimits.maxDispatchesPerSecond", {
    rateLimits: { maxDispatchesPerSecond: 2 },
  });
  assert.deepEqual(slow["rateLimits"], { maxDispatchesPerSecond: 2, maxBurstSize: 10, maxConcurrentDispatches: 3 });
  await call("POST", "/work:pause", {});
  for (let count = 0; count < 30; count++) await add();
  const startMs = clock.nowMs();
  await call("POST", "/work:resume", {});
  await advance(5_000);
  const sent = target.requests.length - 20;
  const allowed = 10 + ((clock.nowMs() - startMs) / 1000) * 2;
  assert.ok(sent > allowed - 3 && sent <= allowed + 1, `${sent} of ${allowed}`);
});

test("a queue says where its tasks go, and buffers plain requests for there", async () => {
  const { api, add, call, target } = await bootTasks();
  await using _ = api;
  await using _target = target;
  const { port } = new URL(target.url);
  const uriOverride = { scheme: "HTTP", host: "127.0.0.1", port, pathOverride: { path: "/over" } };
  const headerOverrides = [{ header: { key: "X-Over", value: "1" } }];
  await call("PATCH", "/work?updateMask=httpTarget", {
    httpTarget: { uriOverride, headerOverrides, httpMethod: "PUT" },
  });
  await add({ httpRequest: { url: "https://elsewhere.example/path?q=1", headers: { "x-over": "0" } } });
  await until(async () => target.requests.length === 1);
  const { method, path, headers } = target.requests[0]!;
  assert.deepEqual([method, path, headers["x-over"]], ["PUT", "/over?q=1", "1"]);
  const response = await fetch(`${api.url}/v2/${NAME}/tasks/mine:buffer`, {
    method: "POST",
    headers: { "content-type": "text/plain" },
    body: "plain",
  });
  assert.equal(response.status, 200);
  const { task } = (await response.json()) as { task: Json };
  assert.equal(task["name"], `${NAME}/tasks/mine`);
  await until(async () => target.requests.length === 2);
  assert.deepEqual([target.requests[1]!.path, target.requests[1]!.body], ["/over", "plain"]);
  // The way gcloud leaves the task's id out.
  assert.equal((await fetch(`${api.url}/v2/${NAME}/tasks/:buffer`, { method: "POST" })).status, 200);
  await until(async () => target.requests.length === 3);
});

test("a queue logs its operations as often as its sampling ratio says", async () => {
  const { api, add, call, target, settle, logs } = await bootTasks({ stackdriverLoggingConfig: { samplingRatio: 1 } });
  await using _ = api;
  await using _target = target;
  target.answer = ({ headers }) => (headers["x-cloudtasks-taskretrycount"] === "0" ? 404 : 200);
  const { name } = await add();
  await until(async () => target.requests.length === 2);
  await settle();
  const entries = logs.flatMap((request) => request.entries).filter(({ payload }) => payload.case === "jsonPayload");
  const kinds = entries.map(({ payload, logName, resource }) => {
    assert.equal(logName, "projects/demo/logs/cloudtasks.googleapis.com%2Ftask_operations_log");
    assert.equal(resource?.labels["queue_id"], "work");
    const { "@type": type, task, ...operation } = payload.value as Json;
    assert.deepEqual([type, task], ["type.googleapis.com/google.cloud.tasks.logging.v1.TaskActivityLog", name]);
    const [kind, details] = Object.entries(operation)[0] as [string, Json];
    return [kind, details["status"], details["dispatchCount"], details["targetAddress"]];
  });
  const address = `POST ${target.url}`;
  assert.deepEqual(kinds, [
    ["taskCreationLog", "OK", undefined, address],
    ["attemptDispatchLog", undefined, "1", address],
    ["attemptResponseLog", "NOT_FOUND", "1", address],
    ["attemptDispatchLog", undefined, "2", address],
    ["attemptResponseLog", "OK", "2", address],
  ]);
  await call("PATCH", "/work?updateMask=stackdriverLoggingConfig", {});
  assert.equal("stackdriverLoggingConfig" in (await call("GET", "/work")), false);
});

test("queues are listed, filtered, changed and deleted; an update creates one, and a deleted name rests for seven days", async () => {
  const { api, add, call, target, advance } = await bootTasks();
  await using _ = api;
  await using _target = target;
  assert.deepEqual(await call("GET", "/work"), {
    name: NAME,
    rateLimits: { maxDispatchesPerSecond: 500, maxBurstSize: 100, maxConcurrentDispatches: 1000 },
    retryConfig: { maxAttempts: 100, minBackoff: "0.100s", maxBackoff: "3600s", maxDoublings: 16 },
    state: "RUNNING",
  });
  await call("PATCH", "/other?updateMask=retryConfig.maxAttempts", { retryConfig: { maxAttempts: 3 } });
  await call("POST", "/other:pause", {});
  const { queues } = await call("GET", "?filter=state:PAUSED");
  assert.deepEqual(
    (queues as Json[]).map(({ name }) => name),
    [`${PARENT}/queues/other`],
  );
  const policy = { bindings: [{ role: "roles/cloudtasks.enqueuer", members: ["user:a@b.c"] }] };
  await call("POST", "/work:setIamPolicy", { policy });
  assert.deepEqual((await call("POST", "/work:getIamPolicy", {}))["bindings"], policy.bindings);
  assert.equal(messageOf(await call("POST", "", { name: NAME }, 409)), "Queue already exists");
  await call("POST", "/work:pause", {});
  await add({ name: `${NAME}/tasks/left` });
  await call("DELETE", "/work");
  const recent = "The queue cannot be created because a queue with this name existed too recently.";
  assert.equal(messageOf(await call("POST", "", { name: NAME }, 400)), recent);
  assert.match(messageOf(await add({}, 404)), /^Queue does not exist\./);
  await advance(7 * DAY_MS + 61_000);
  await call("POST", "", { name: NAME });
  assert.deepEqual(await call("GET", "/work/tasks"), {});
  assert.equal(target.requests.length, 0);
});
