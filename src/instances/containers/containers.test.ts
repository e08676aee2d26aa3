// Instances of several containers in real sandboxes: what they share, and what they do not.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ContainerHost, openContainerHost } from "../pool/testing/container-host.ts";
import { deploy, revision, type RevisionOverrides, SERVICE, tcpProbe } from "../pool/testing/floor.ts";
import type { RevisionSpec } from "../serving.ts";
import type { ContainerSpec } from "../workload.ts";

const MIB = 1024 * 1024;

/** Answers on the port PORT, or OWN_PORT for sidecars, with what a path asks for. */
const CONTAINER = `
  const fs = require("node:fs");
  const { createServer } = require("node:http");
  const { PORT, OWN_PORT, K_SERVICE } = process.env;
  const handlers = {
    "/": (url, response) => response.end(process.env.NAME),
    "/env": (url, response) => response.end(JSON.stringify(process.env)),
    "/self": (url, response) => response.end(JSON.stringify({ pid: process.pid, PORT, K_SERVICE, uid: process.getuid() })),
    "/from": async (url, response) => response.end(await (await fetch(url.searchParams.get("url"))).text()),
    "/write": (url, response) => {
      try {
        fs.writeFileSync(url.searchParams.get("path"), Buffer.alloc(Number(url.searchParams.get("bytes") ?? 1), 1));
        response.end("written");
      } catch (error) { response.end(error.code); }
    },
    "/list": (url, response) => response.end(fs.readdirSync(url.searchParams.get("path")).join()),
    "/statfs": (url, response) => {
      const { type, blocks, bsize } = fs.statfsSync(url.searchParams.get("path"));
      response.end(JSON.stringify({ type, bytes: blocks * bsize }));
    },
    "/exit": () => process.exit(7),
    "/memory": () => {
      const held = [];
      setInterval(() => held.push(Buffer.alloc(8e6, 1)), 1);
    },
  };
  console.log("I am " + process.env.NAME);
  createServer((request, response) => {
    const url = new URL(request.url, "http://container");
    handlers[url.pathname](url, response);
  }).listen(PORT ?? OWN_PORT);
  process.once("SIGTERM", () => { console.log("got SIGTERM"); process.exit(0); });
`;

const TMPFS = 0x01021994;
const EXT4 = 0xef53;

let host: ContainerHost;

before(async () => {
  host = await openContainerHost();
});

after(() => host[Symbol.asyncDispose]());

/** A revision with a sidecar on port 9000, which the main container waits for. */
function withSidecar(main: RevisionOverrides = {}, sidecar: Partial<ContainerSpec> = {}): RevisionSpec {
  const spec = revision("r1", { dependsOn: ["helper"], ...main });
  const [only] = spec.containers;
  const named = { ...only, name: "app" };
  const other: ContainerSpec = {
    ...only,
    name: "helper",
    env: { NAME: "helper", OWN_PORT: "9000" },
    startupProbe: tcpProbe(9000),
    dependsOn: [],
    ...sidecar,
  };
  return { ...spec, containers: [named, other] };
}

const helper = (path: string) => `/from?url=${encodeURIComponent(`http://localhost:9000${path}`)}`;

test("containers share a network and nothing else; their logs say which one wrote", async () => {
  await using floor = await host.startFloor(CONTAINER);
  deploy(floor, withSidecar());
  assert.equal(await (await floor.fetch(helper("/"))).text(), "helper");
  const own = JSON.parse(await (await floor.fetch("/self")).text()) as unknown;
  const others = JSON.parse(await (await floor.fetch(helper("/self"))).text()) as unknown;
  assert.deepEqual(own, { pid: 1, PORT: "8080", K_SERVICE: "hello", uid: 1000 });
  assert.deepEqual(others, { pid: 1, K_SERVICE: "hello", uid: 1000 });
  await floor.fetch("/write?path=/mine");
  assert.doesNotMatch(await (await floor.fetch(helper("/list?path=/"))).text(), /mine/);
  const lines = floor.logs.filter(({ textPayload = "" }) => textPayload.startsWith("I am "));
  assert.deepEqual(
    lines.map(({ textPayload, labels }) => [textPayload, labels?.["container_name"]]),
    [
      ["I am helper", "helper"],
      ["I am r1", "app"],
    ],
    "the helper started first",
  );
  await floor.floor.removeRevision(`${SERVICE}/revisions/r1`);
  const stopped = floor.logs.filter(({ textPayload }) => textPayload === "got SIGTERM");
  assert.deepEqual(new Set(stopped.map(({ labels }) => labels?.["container_name"])), new Set(["app", "helper"]));
});

test("the end of a sidecar is the end of the instance; the next request starts another one", async () => {
  await using floor = await host.startFloor(CONTAINER);
  deploy(floor, withSidecar({}, { limits: { memoryBytes: 96 * MIB, cpus: 1 } }));
  await floor.fetch(helper("/exit"));
  const exit = await floor.entry(({ textPayload }) => textPayload === 'Container "helper" called exit(7).');
  assert.deepEqual([exit.log, exit.labels], ["system", { container_name: "helper" }]);
  assert.equal(await (await floor.fetch("/")).text(), "r1");
  void floor.fetch(helper("/memory"));
  const memory = await floor.entry(({ textPayload = "" }) => textPayload.startsWith("Memory limit of 96 MiB exceeded"));
  assert.match(memory.textPayload ?? "", / used by container "helper"\. /);
  assert.equal(await (await floor.fetch("/")).text(), "r1");
});

test("volumes are shared, limited in size, and gone with the instance", async () => {
  await using floor = await host.startFloor(CONTAINER);
  const volumes: RevisionSpec["volumes"] = [
    { kind: "memory", name: "scratch" },
    { kind: "disk", name: "disk", sizeBytes: 64 * MIB },
    { kind: "memory", name: "unused" },
  ];
  const mounts = [
    { volume: "scratch", path: "/scratch/deep", subPath: "a/b" },
    { volume: "scratch", path: "/scratch" },
    { volume: "disk", path: "/disk" },
  ];
  deploy(floor, withSidecar({ volumes, mounts }, { mounts: [{ volume: "scratch", path: "/other" }] }));
  const get = async (path: string) => (await floor.fetch(path)).text();
  const statfs = async (path: string) =>
    JSON.parse(await get(`/statfs?path=${path}`)) as { type: number; bytes: number };
  // Half of what the two containers have.
  assert.deepEqual(await statfs("/scratch"), { type: TMPFS, bytes: 256 * MIB });
  const disk = await statfs("/disk");
  assert.equal(disk.type, EXT4);
  assert.ok(disk.bytes > 56 * MIB && disk.bytes <= 64 * MIB, `${disk.bytes}`);
  assert.equal(await get("/list?path=/disk"), "");
  assert.equal(await get("/write?path=/scratch/deep/file"), "written");
  assert.equal(await get(helper("/list?path=/other/a/b")), "file");
  assert.equal(await get(`/write?path=/disk/file&bytes=${40 * MIB}`), "written");
  assert.equal(await get(`/write?path=/disk/more&bytes=${40 * MIB}`), "ENOSPC");
  const folder = join(host.dataDir, "mounts");
  assert.match(readFileSync("/proc/self/mountinfo", "utf8"), new RegExp(folder));
  await floor.floor.removeRevision(`${SERVICE}/revisions/r1`);
  await floor.floor[Symbol.asyncDispose]();
  assert.doesNotMatch(readFileSync("/proc/self/mountinfo", "utf8"), new RegExp(folder));
  assert.equal(existsSync(folder), false);
});

test("what is written to a volume in memory counts for the container that writes", async () => {
  await using floor = await host.startFloor(CONTAINER);
  const limits = { memoryBytes: 128 * MIB, cpus: 1 };
  const volumes: RevisionSpec["volumes"] = [{ kind: "memory", name: "m", sizeBytes: 256 * MIB }];
  deploy(floor, revision("r1", { limits, volumes, mounts: [{ volume: "m", path: "/m" }] }));
  // The volume is no larger than the memory there is.
  const { bytes } = JSON.parse(await (await floor.fetch("/statfs?path=/m")).text()) as { bytes: number };
  assert.equal(bytes, 128 * MIB);
  assert.equal((await floor.fetch(`/write?path=/m/file&bytes=${60 * MIB}`)).status, 500);
  await floor.entry(({ textPayload = "" }) => textPayload.startsWith("Memory limit of 128 MiB exceeded"));
});

test("variables from secrets are read as the service account; one that may not be read fails the start", async () => {
  await using floor = await host.startFloor(CONTAINER, {
    accessSecret: async ({ secret, version }, email) => {
      if (secret === "forbidden") throw new Error("Permission denied on secret: forbidden");
      return { data: Buffer.from(`${secret} of ${email}`), version };
    },
  });
  const reference = (secret: string) => ({ project: "123", secret, version: "latest" });
  deploy(floor, revision("r1", { secretEnv: { KEY: reference("key") } }));
  const env = JSON.parse(await (await floor.fetch("/env")).text()) as Record<string, string>;
  assert.equal(env["KEY"], "key of 123-compute@developer.gserviceaccount.com");
  floor.floor.ensureRevision(revision("r2", { secretEnv: { KEY: reference("forbidden") } }));
  assert.deepEqual(await floor.floor.awaitReady(`${SERVICE}/revisions/r2`), {
    ready: false,
    reason: "SECRET_NOT_ACCESSIBLE",
    message: "Permission denied on secret: forbidden",
    logTail: [],
  });
});
