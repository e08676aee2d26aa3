import assert from "node:assert/strict";
import { test } from "node:test";
import { revision, startFloor, tcpProbe, until } from "../pool/testing/floor.ts";
import type { TaskSpec } from "../serving.ts";
import type { ContainerSpec } from "../workload.ts";

const never = new AbortController().signal;

/** A task whose main container runs a script of Node.js, with sidecars of the test container. */
function task(script: string, overrides: Partial<TaskSpec> = {}, sidecars: Partial<ContainerSpec>[] = []): TaskSpec {
  const { port: _, ...spec } = revision("t1");
  const { startupProbe: __, ...container } = spec.containers[0];
  const main = { ...container, name: "main", command: [process.execPath, "-e", script] };
  const others = sidecars.map((own, index) => ({ ...container, name: `sidecar-${index}`, ...own }));
  return { ...spec, timeoutSeconds: 60, containers: [main, ...others], ...overrides };
}

test("the code of the main container is the outcome; its end is an entry", async () => {
  await using floor = await startFloor();
  assert.deepEqual(await floor.floor.runTask(task("console.log('done')"), never), { outcome: "SUCCEEDED" });
  assert.ok(floor.logs.some(({ textPayload }) => textPayload === "done"));
  assert.ok(floor.logs.some(({ textPayload }) => textPayload === "Container called exit(0)."));
  assert.deepEqual(await floor.floor.runTask(task("process.exit(5)"), never), {
    outcome: "FAILED",
    exit: { exitCode: 5, signal: null, outOfMemory: false },
    message: "Container called exit(5).",
  });
  assert.equal(floor.networksInUse.size, 0);
});

test("a task over its time gets SIGTERM, and so does a cancelled one", async () => {
  await using floor = await startFloor();
  const patient =
    "process.once('SIGTERM', () => { console.log('stopped'); process.exit(0) }); setInterval(() => {}, 1e6); console.log('up')";
  assert.deepEqual(await floor.floor.runTask(task(patient, { timeoutSeconds: 1 }), never), { outcome: "TIMED_OUT" });
  assert.equal(floor.logs.filter(({ textPayload }) => textPayload === "stopped").length, 1);
  const abort = new AbortController();
  const cancelled = floor.floor.runTask(task(patient), abort.signal);
  await until(() => floor.logs.filter(({ textPayload }) => textPayload === "up").length === 2);
  abort.abort();
  assert.deepEqual(await cancelled, { outcome: "CANCELLED" });
  assert.equal(floor.logs.filter(({ textPayload }) => textPayload === "stopped").length, 2);
  assert.equal(floor.sandboxes.running.size, 0);
});

test("sidecars start first if asked to, and are stopped after the main container", async () => {
  await using floor = await startFloor();
  const script = "fetch(`http://${process.env.HOST}:9000/`).then(async (r) => console.log(await r.text()))";
  const sidecar = { env: { NAME: "helper", PORT: "9000", START: "50" }, startupProbe: tcpProbe(9000) };
  const spec = task(script, {}, [sidecar]);
  const [main, ...others] = spec.containers;
  const containers = [{ ...main, dependsOn: ["sidecar-0"] }, ...others] as const;
  assert.deepEqual(await floor.floor.runTask({ ...spec, containers }, never), { outcome: "SUCCEEDED" });
  const said = floor.logs.filter(({ log }) => log === "stdout");
  assert.deepEqual(
    said.map(({ textPayload, labels }) => [textPayload, labels?.["container_name"]]),
    [
      ["hello from helper", "main"],
      ["got SIGTERM", "sidecar-0"],
    ],
  );
  assert.equal(floor.sandboxes.running.size, 0);
});

test("a task whose main container is done does not wait for sidecars that start", async () => {
  await using floor = await startFloor();
  const spec = task("", {}, [{ env: { START: "idle" }, startupProbe: tcpProbe(8080) }]);
  assert.deepEqual(await floor.floor.runTask(spec, never), { outcome: "SUCCEEDED" });
  assert.equal(floor.sandboxes.running.size + floor.networksInUse.size, 0);
});

test("a sidecar that ends after it has started does not decide; one that does not start does", async () => {
  await using floor = await startFloor();
  const waits = task("setInterval(() => {}, 1e6)", {}, [{ env: { START: "exit" } }]);
  const abort = new AbortController();
  const running = floor.floor.runTask(waits, abort.signal);
  await floor.entry(({ textPayload }) => textPayload === 'Container "sidecar-0" called exit(3).');
  assert.equal(floor.sandboxes.running.size, 1);
  abort.abort();
  assert.deepEqual(await running, { outcome: "CANCELLED" });
  const probed = task("setTimeout(() => {}, 1e6)", {}, [{ env: { START: "exit" }, startupProbe: tcpProbe(8080) }]);
  assert.deepEqual(await floor.floor.runTask(probed, never), {
    outcome: "NOT_STARTED",
    failure: {
      ready: false,
      reason: "EXITED",
      container: "sidecar-0",
      message: 'Container "sidecar-0" called exit(3).',
      logTail: ["cannot start: the answer is 42"],
    },
  });
  assert.equal(floor.sandboxes.running.size + floor.networksInUse.size, 0);
});
