import assert from "node:assert/strict";
import { test } from "node:test";
import { ImageNotFoundError } from "../../oci/image-errors.ts";
import {
  deploy,
  revision,
  SERVICE,
  startFloor,
  tcpProbe,
  testImage,
  type TestFloor,
  until,
} from "../pool/testing/floor.ts";
import { processSandboxes } from "../pool/testing/process-sandboxes.ts";
import type { RevisionSpec } from "../serving.ts";
import type { ContainerSpec } from "../workload.ts";

const R1 = `${SERVICE}/revisions/r1`;
const quickProbe = { ...tcpProbe(9000), timeoutSeconds: 0.1, periodSeconds: 0.1, failureThreshold: 2 };

/** A revision of the containers "app" and "helper", which listens on port 9000. */
function withHelper(helper: Partial<ContainerSpec> = {}, app: Partial<ContainerSpec> = {}): RevisionSpec {
  const spec = revision("r1", { logLabels: {} });
  const [only] = spec.containers;
  const env = { NAME: "helper", PORT: "9000", ...helper.env };
  const other = { ...only, name: "helper", startupProbe: tcpProbe(9000), ...helper, env };
  return { ...spec, containers: [{ ...only, name: "app", dependsOn: ["helper"], ...app }, other] };
}

const systemTexts = (floor: TestFloor) =>
  floor.logs.filter(({ log }) => log === "system").map(({ textPayload = "" }) => textPayload);

test("a container starts once those it depends on have passed their startup probe", async () => {
  await using floor = await startFloor();
  deploy(floor, withHelper({ env: { START: "100" } }));
  assert.equal(await (await floor.fetch("/")).text(), "hello from r1");
  assert.deepEqual(systemTexts(floor).slice(1), [
    'Default STARTUP TCP probe succeeded after 1 attempt for container "helper" on port 9000.',
    'Default STARTUP TCP probe succeeded after 1 attempt for container "app" on port 8080.',
  ]);
});

test("containers that do not depend on each other start at the same time, and all stop together", async () => {
  await using floor = await startFloor();
  floor.floor.ensureRevision(withHelper({ env: { START: "idle" } }, { dependsOn: [], env: { START: "idle" } }));
  const ready = floor.floor.awaitReady(R1);
  await until(() => floor.sandboxes.running.size === 2);
  await floor.floor.removeRevision(R1);
  assert.equal((await ready).ready, false);
  assert.equal(floor.sandboxes.running.size + floor.networksInUse.size, 0);
});

test("a sidecar that is never ready fails the start by name, and what depends on it does not start", async () => {
  await using floor = await startFloor();
  floor.floor.ensureRevision(withHelper({ env: { START: "idle" }, startupProbe: quickProbe }));
  assert.deepEqual(await floor.floor.awaitReady(R1), {
    ready: false,
    reason: "NOT_LISTENING",
    container: "helper",
    message:
      'STARTUP TCP probe failed 2 times consecutively for container "helper" on port 9000. ' +
      "The instance was not started. Connection failed with status DEADLINE_EXCEEDED.",
    logTail: [],
  });
  assert.equal(floor.sandboxes.started, 1);
  assert.equal(floor.sandboxes.running.size + floor.networksInUse.size, 0);
});

test("a sidecar that crashes fails the start with its own last lines", async () => {
  await using floor = await startFloor();
  floor.floor.ensureRevision(withHelper({ env: { START: "exit" } }));
  const failure = {
    ready: false,
    reason: "EXITED",
    container: "helper",
    message: 'Container "helper" called exit(3).',
    logTail: ["cannot start: the answer is 42"],
  };
  assert.deepEqual(await floor.floor.awaitReady(R1), failure);
  assert.deepEqual(systemTexts(floor).slice(1), [
    'Container "helper" called exit(3).',
    'Default STARTUP TCP probe failed 1 time consecutively for container "helper" on port 9000. ' +
      "The instance was not started.\nConnection failed with status CANCELLED.",
  ]);
  // Without a probe it has started as soon as it runs; the instance does not outlive it nevertheless.
  const [app, { startupProbe: _, ...unprobed }] = withHelper({ env: { START: "exit" } }, { env: { START: "idle" } })
    .containers as [ContainerSpec, ContainerSpec];
  floor.floor.ensureRevision({ ...withHelper(), name: `${SERVICE}/revisions/r2`, containers: [app, unprobed] });
  assert.deepEqual(await floor.floor.awaitReady(`${SERVICE}/revisions/r2`), failure);
  assert.equal(floor.sandboxes.running.size + floor.networksInUse.size, 0);
});

test("a sidecar's image that is missing fails the start by name", async () => {
  const ensure = async (image: string) => {
    if (image.includes("helper")) throw new ImageNotFoundError("no such image");
    return testImage();
  };
  await using floor = await startFloor({ images: { ensure } });
  floor.floor.ensureRevision(withHelper({ image: "host/helper@sha256:1" }, { dependsOn: [] }));
  const outcome = await floor.floor.awaitReady(R1);
  const expected = { reason: "IMAGE_NOT_FOUND", container: "helper", message: "no such image", logTail: [] };
  assert.deepEqual(outcome, { ready: false, ...expected });
  assert.equal(floor.sandboxes.running.size + floor.networksInUse.size, 0);
});

test("several containers are refused by name where they would not share a network", async () => {
  const sandboxes = { ...processSandboxes(), separateNetworks: true };
  await using floor = await startFloor({ sandboxes });
  floor.floor.ensureRevision(withHelper());
  const outcome = await floor.floor.awaitReady(R1);
  assert.equal(outcome.ready || outcome.reason, "RUNTIME");
  assert.match(outcome.ready ? "" : outcome.message, /^Instances of several containers need crun or runc/);
});

test("a volume that cannot be had fails the start", async () => {
  await using floor = await startFloor();
  const volume = { kind: "bucket", name: "b", bucket: "data", readOnly: true, mountOptions: [] } as const;
  floor.floor.ensureRevision(revision("r1", { volumes: [volume], mounts: [{ volume: "b", path: "/data" }] }));
  const outcome = await floor.floor.awaitReady(R1);
  const message = 'Volume "b" cannot be mounted on this host.';
  assert.deepEqual(outcome, { ready: false, reason: "RUNTIME", message, logTail: [] });
  assert.equal(floor.networksInUse.size, 0);
});
