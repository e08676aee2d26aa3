import assert from "node:assert/strict";
import { test } from "node:test";
import { SERVICE, deploy, revision, startFloor, tcpProbe, until } from "./testing/floor.ts";

const R1 = `${SERVICE}/revisions/r1`;
const health = {
  ...tcpProbe(8080),
  kind: "http",
  path: "/health",
  timeoutSeconds: 0.5,
  periodSeconds: 0.03,
  failureThreshold: 2,
  successThreshold: 2,
} as const;

test("a failed liveness probe kills the instance: 503 for its requests, another one for the next", async () => {
  await using floor = await startFloor();
  deploy(floor, revision("r1", { livenessProbe: health, logLabels: {} }));
  const pid = await (await floor.fetch("/pid")).text();
  const passed = 'LIVENESS HTTP probe succeeded after 1 attempt for container "hello-1" on port 8080 path "/health".';
  await floor.entry(({ textPayload }) => textPayload === passed);
  const hanging = floor.fetch("/hang");
  await until(() => floor.floor.instanceCounts(R1).active === 1);
  await floor.fetch("/sicken?status=500");
  const { severity, log } = await floor.entry(
    ({ textPayload }) =>
      textPayload ===
      'LIVENESS HTTP probe failed 2 times consecutively for container "hello-1" on port 8080 path "/health". ' +
        "The instance has been shut down.",
  );
  assert.deepEqual([severity, log], ["ERROR", "system"]);
  assert.equal((await hanging).status, 503);
  assert.notEqual(await (await floor.fetch("/pid")).text(), pid);
  assert.ok(!floor.logs.some(({ textPayload = "" }) => textPayload === "got SIGTERM"), "it got SIGKILL");
});

test("an instance whose readiness probe fails gets no new requests until it passes again", async () => {
  await using floor = await startFloor();
  deploy(floor, revision("r1", { readinessProbe: health, maxInstances: 1 }));
  const pid = await (await floor.fetch("/pid")).text();
  const slow = floor.fetch("/slow?ms=300");
  await floor.fetch("/sicken?status=503");
  await floor.entry(({ textPayload = "" }) => textPayload.startsWith("READINESS HTTP probe failed 2 times"));
  let answered = false;
  const waiting = floor.fetch("/pid").then((response) => ((answered = true), response.text()));
  assert.equal(await (await slow).text(), pid, "requests under way go on");
  assert.equal(answered, false);
  // The container heals when told so, which goes around the ingress.
  const [address] = floor.networksInUse;
  await fetch(`http://${address}:8080/sicken?status=200`);
  assert.equal(await waiting, pid);
  await floor.entry(({ textPayload = "" }) =>
    textPayload.startsWith("READINESS HTTP probe succeeded after 2 attempts"),
  );
});

test("an instance without CPU gets some for its probes", async () => {
  await using floor = await startFloor({ settings: { cpuIdleGraceMs: 1 } });
  deploy(floor, revision("r1", { cpuIdle: true, livenessProbe: { ...health, periodSeconds: 0.2 } }));
  const pid = await (await floor.fetch("/pid")).text();
  for (let times = 0; times < 3; times++) {
    await until(() => floor.sandboxes.paused.size === 1);
    await until(() => floor.sandboxes.paused.size === 0);
  }
  assert.equal(await (await floor.fetch("/pid")).text(), pid);
});

test("an instance without a port is ready once it runs, is kept running, and stops with its revision", async () => {
  await using floor = await startFloor();
  const { port: _, ...spec } = revision("r1", { minInstances: 1, env: { START: "idle" } });
  const { startupProbe: __, ...container } = spec.containers[0];
  const command = [process.execPath, "-e", "console.log(`port ${process.env.PORT}`); setInterval(() => {}, 1e6)"];
  floor.floor.ensureRevision({ ...spec, containers: [{ ...container, command }] });
  assert.deepEqual(await floor.floor.awaitReady(R1), { ready: true });
  const { instanceId } = await floor.entry(({ textPayload }) => textPayload === "port undefined");
  await until(() => floor.sandboxes.running.has(instanceId));
  await floor.floor.removeRevision(R1);
  assert.equal(floor.sandboxes.running.size, 0);

  const crash = [process.execPath, "-e", "process.exit(4)"];
  floor.floor.ensureRevision({ ...spec, containers: [{ ...container, command: crash }] });
  await until(() => floor.logs.filter(({ textPayload }) => textPayload === "Container called exit(4).").length === 2);
});
