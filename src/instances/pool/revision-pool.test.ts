import assert from "node:assert/strict";
import { test } from "node:test";
import { ImageNotFoundError, PlatformNotSupportedError } from "../../oci/image-errors.ts";
import type { ProbeSpec } from "../workload.ts";
import { deploy, revision, route, SERVICE, startFloor, testImage, until } from "./testing/floor.ts";
import { OUT_OF_MEMORY_EXIT } from "./testing/process-sandboxes.ts";

const R1 = `${SERVICE}/revisions/r1`;
const UPDATED = "us-central1-docker.pkg.dev/demo/test/container@sha256:1";

const quickProbe: ProbeSpec = {
  headers: [],
  successThreshold: 1,
  kind: "tcp",
  port: 8080,
  path: "",
  initialDelaySeconds: 0,
  timeoutSeconds: 0.1,
  periodSeconds: 0.1,
  failureThreshold: 2,
};

test("requests that come while an instance starts wait for it and share it", async () => {
  await using test = await startFloor();
  deploy(test, revision("r1"));
  const texts = await Promise.all(Array.from({ length: 20 }, async () => (await test.fetch("/pid")).text()));
  assert.equal(new Set(texts).size, 1);
  assert.equal(test.sandboxes.started, 1);
  await test.entry(({ textPayload = "" }) => textPayload.startsWith("Starting new instance. Reason: AUTOSCALING"));
  await test.entry(({ textPayload = "" }) => textPayload.startsWith("Default STARTUP TCP probe succeeded"));
});

test("concurrency limits what one instance gets; more instances start up to maxInstances", async () => {
  await using test = await startFloor();
  deploy(test, revision("r1", { concurrency: 2, maxInstances: 2 }));
  const pids = await Promise.all(Array.from({ length: 6 }, async () => (await test.fetch("/slow?ms=100")).text()));
  assert.equal(new Set(pids).size, 2);
  assert.equal(test.sandboxes.started, 2);
});

test("at maxInstances a request waits its time and is refused with 429", async () => {
  await using test = await startFloor({ settings: { pendingMs: 60 } });
  deploy(test, revision("r1", { concurrency: 1, maxInstances: 1 }));
  await (await test.fetch("/")).text();
  const abort = new AbortController();
  const busy = test.fetch("/hang", { signal: abort.signal }).catch(() => undefined);
  await until(() => test.floor.instanceCounts(R1).active === 1);
  const refused = await test.fetch("/");
  assert.deepEqual([refused.status, await refused.text()], [429, "Rate exceeded."]);
  const entry = await test.entry(({ httpRequest }) => httpRequest?.status === 429);
  assert.match(entry.textPayload ?? "", /^The request was aborted because there was no available instance\./);
  assert.equal(entry.severity, "WARNING");
  abort.abort();
  await busy;
});

test("minInstances run without a request and are replaced when they end", async () => {
  await using test = await startFloor();
  deploy(test, revision("r1", { minInstances: 2 }));
  await until(() => test.floor.instanceCounts(R1).idle === 2);
  assert.equal((await test.fetch("/exit?code=1")).status, 503);
  await until(() => test.sandboxes.started === 3 && test.floor.instanceCounts(R1).idle === 2);
  await test.entry(({ textPayload }) => textPayload === "Container called exit(1).");
});

test("idle instances are scaled in to zero with SIGTERM, and the next request starts one again", async () => {
  await using test = await startFloor({ settings: { idleMs: 50 } });
  deploy(test, revision("r1"));
  await (await test.fetch("/")).text();
  await until(() => test.sandboxes.running.size === 0 && test.networksInUse.size === 0);
  await test.entry(({ textPayload }) => textPayload === "got SIGTERM");
  assert.equal((await test.fetch("/")).status, 200);
});

test("a changed minInstances takes effect at once", async () => {
  await using test = await startFloor({ settings: { idleMs: 1 } });
  deploy(test, revision("r1", { minInstances: 1 }));
  await until(() => test.floor.instanceCounts(R1).idle === 1);
  test.floor.ensureRevision(revision("r1", { minInstances: 0 }));
  await until(() => test.sandboxes.running.size === 0);
});

test("awaitReady starts an instance, and says why one does not start", async () => {
  await using test = await startFloor();
  test.floor.ensureRevision(revision("r1"));
  test.floor.ensureRevision(revision("bad", { env: { START: "exit" } }));
  test.floor.ensureRevision(revision("deaf", { env: { START: "idle" }, startupProbe: quickProbe }));
  assert.deepEqual(await test.floor.awaitReady(R1), { ready: true });
  assert.deepEqual(await test.floor.awaitReady(`${SERVICE}/revisions/bad`), {
    ready: false,
    reason: "EXITED",
    message: "Container called exit(3).",
    logTail: ["cannot start: the answer is 42"],
  });
  const deaf = await test.floor.awaitReady(`${SERVICE}/revisions/deaf`);
  assert.equal(deaf.ready || deaf.reason, "NOT_LISTENING");
  await until(() => test.sandboxes.running.size === 1 && test.networksInUse.size === 1);
});

test("an image that cannot be had is told apart", async () => {
  const causes = {
    IMAGE_NOT_FOUND: new ImageNotFoundError("manifest unknown"),
    IMAGE_NOT_SUPPORTED: new PlatformNotSupportedError("type"),
    IMAGE_NOT_USABLE: new Error("a damaged layer"),
  };
  for (const [reason, cause] of Object.entries(causes)) {
    await using test = await startFloor({ images: { ensure: () => Promise.reject(cause) } });
    test.floor.ensureRevision(revision("r1"));
    const outcome = await test.floor.awaitReady(R1);
    assert.deepEqual(outcome, { ready: false, reason, message: cause.message, logTail: [] });
    assert.equal(test.networksInUse.size, 0);
  }
});

test("requests get 500 when the instance ends while starting, 503 when it never listens", async () => {
  await using test = await startFloor();
  deploy(test, revision("bad", { env: { START: "exit" } }));
  assert.equal((await test.fetch("/")).status, 500);
  await test.entry(
    ({ textPayload }) => textPayload === "The request failed because the instance could not start successfully.",
  );
  deploy(test, revision("deaf", { env: { START: "idle" }, startupProbe: quickProbe }));
  assert.equal((await test.fetch("/")).status, 503);
  await test.entry(
    ({ textPayload }) => textPayload === "The request failed because the instance failed the readiness check.",
  );
});

test("an instance over its memory limit answers 500, is logged and replaced", async () => {
  await using test = await startFloor();
  deploy(test, revision("r1", { minInstances: 1 }));
  const response = await test.fetch(`/exit?code=${OUT_OF_MEMORY_EXIT}`);
  assert.equal(response.status, 500);
  const entry = await test.entry(({ textPayload = "" }) => textPayload.startsWith("Memory limit of 256 MiB exceeded"));
  assert.equal(entry.severity, "ERROR");
  assert.equal(entry.log, "system");
  assert.match(entry.textPayload ?? "", /see https:\/\/cloud.google.com\/functions\/docs\/configuring\/memory$/);
  assert.equal((await test.fetch("/")).status, 200);
});

test("cpuIdle takes the CPU between requests and gives it back for the next one", async () => {
  await using test = await startFloor({ settings: { cpuIdleGraceMs: 1 } });
  deploy(test, revision("r1", { cpuIdle: true }));
  const pid = await (await test.fetch("/pid")).text();
  await until(() => test.sandboxes.paused.size === 1);
  assert.equal(await (await test.fetch("/pid")).text(), pid);
  await until(() => test.sandboxes.paused.size === 1);
  await test.floor.removeRevision(R1);
  assert.ok(test.logs.some(({ textPayload }) => textPayload === "got SIGTERM"));
});

test("removing a revision lets its requests finish", async () => {
  await using test = await startFloor();
  deploy(test, revision("r1"));
  await (await test.fetch("/")).text();
  const slow = test.fetch("/slow?ms=150");
  await until(() => test.floor.instanceCounts(R1).active === 1);
  deploy(test, revision("r2"));
  await test.floor.removeRevision(R1);
  assert.equal((await slow).status, 200);
  assert.equal(test.sandboxes.running.size, 0);
  assert.equal(await (await test.fetch("/")).text(), "hello from r2");
});

test("removing a revision without waiting for its requests cuts them off", async () => {
  await using test = await startFloor();
  deploy(test, revision("r1"));
  const hanging = test.fetch("/hang").then(
    ({ status }) => status,
    () => 0,
  );
  await until(() => test.floor.instanceCounts(R1).active === 1);
  await test.floor.removeRevision(R1, { drain: false });
  assert.notEqual(await hanging, 200);
  assert.equal(test.sandboxes.running.size, 0);
});

test("disposing stops every instance, also one that starts or has requests", async () => {
  const test = await startFloor();
  deploy(test, revision("r1"));
  await (await test.fetch("/")).text();
  const hanging = test.fetch("/hang").catch(() => "cut off");
  test.floor.ensureRevision(revision("starting", { env: { START: "idle" }, minInstances: 1 }));
  await until(() => test.sandboxes.running.size === 2 && test.floor.instanceCounts(R1).active === 1);
  await test[Symbol.asyncDispose]();
  assert.equal(await hanging, "cut off");
  assert.equal(test.sandboxes.running.size + test.networksInUse.size, 0);
});

test("an instance that ignores SIGTERM is killed after the grace time", async () => {
  await using test = await startFloor({ settings: { terminationGraceMs: 20 } });
  deploy(test, revision("r1", { cpuIdle: false }));
  const pid = Number(await (await test.fetch("/pid")).text());
  process.kill(pid, "SIGSTOP");
  await test.floor.removeRevision(R1);
  assert.equal(test.sandboxes.running.size, 0);
});

test("lines of a container become log entries of their instance", async () => {
  await using test = await startFloor();
  deploy(test, revision("r1"));
  const body = 'plain\n{"severity":"WARNING","message":"careful","code":5}\n';
  await (await test.fetch("/log", { method: "POST", body })).text();
  const plain = await test.entry(({ textPayload }) => textPayload === "plain");
  assert.deepEqual([plain.log, plain.severity, plain.workload.name], ["stdout", "DEFAULT", R1]);
  const json = await test.entry(({ severity }) => severity === "WARNING");
  assert.deepEqual(json.jsonPayload, { message: "careful", code: 5 });
  assert.equal(json.instanceId, plain.instanceId);
});

test("a host short of memory stops idle instances of other revisions first", async () => {
  await using test = await startFloor();
  deploy(test, revision("r1"));
  await (await test.fetch("/")).text();
  const all = process.availableMemory();
  await using short = await startFloor({ settings: { hostMemoryReserveBytes: all * 1000 } });
  deploy(short, revision("r1"));
  assert.equal((await short.fetch("/")).status, 200);
  short.floor.ensureRevision(revision("r2"));
  await short.floor.awaitReady(`${SERVICE}/revisions/r2`);
  assert.deepEqual(short.floor.instanceCounts(R1), { starting: 0, active: 0, idle: 0 });
  short.floor.setRoute(route("r2"));
  assert.equal(await (await short.fetch("/")).text(), "hello from r2");
});

test("instances of an updated image take the place of the others without a failed request", async () => {
  await using test = await startFloor();
  deploy(test, revision("r1", { minInstances: 1 }));
  await until(() => test.floor.instanceCounts(R1).idle === 1);
  const before = await (await test.fetch("/pid")).text();
  const slow = test.fetch("/slow?ms=300");
  await until(() => test.floor.instanceCounts(R1).active === 1);
  test.floor.ensureRevision(revision("r1", { minInstances: 1, image: UPDATED }));
  const pids: string[] = [];
  while (pids.at(-1) === undefined || pids.at(-1) === before) {
    const answer = await test.fetch("/pid");
    assert.equal(answer.status, 200);
    pids.push(await answer.text());
  }
  assert.equal((await slow).status, 200);
  await until(() => test.sandboxes.started === 2 && test.floor.instanceCounts(R1).idle === 1);
  assert.equal(await (await test.fetch("/pid")).text(), pids.at(-1));
});

test("an updated image that does not start leaves the earlier one serving", async () => {
  const ensure = async (image: string) => {
    if (image === UPDATED) throw new Error("no such image");
    return testImage();
  };
  await using test = await startFloor({ images: { ensure } });
  deploy(test, revision("r1"));
  const before = await (await test.fetch("/pid")).text();
  test.floor.ensureRevision(revision("r1", { image: UPDATED }));
  await until(() => test.floor.instanceCounts(R1).starting === 0);
  assert.equal(await (await test.fetch("/pid")).text(), before);
  assert.equal((await test.fetch("/exit?code=1")).status, 503);
  // The next one is of the image that is known to start.
  assert.equal((await test.fetch("/pid")).status, 200);
});
