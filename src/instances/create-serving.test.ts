import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ContainerHost, openContainerHost } from "./pool/testing/container-host.ts";
import { deploy, HOST, revision, SERVICE, type TestFloor, until } from "./pool/testing/floor.ts";

const MIB = 1024 * 1024;

/** Answers by path: what the process sees of itself, a value of the metadata server, or memory until the end. */
const CONTAINER = `
  const { createServer } = require("node:http");
  const metadata = "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/email";
  const handlers = {
    "/": (response) => response.end("hello"),
    "/self": (response) => {
      require("node:fs").writeFileSync("/tmp/file", "content");
      const { PORT, K_SERVICE, K_REVISION, K_CONFIGURATION } = process.env;
      response.end(JSON.stringify({ uid: process.getuid(), PORT, K_SERVICE, K_REVISION, K_CONFIGURATION }));
    },
    "/email": async (response) => response.end(await (await fetch(metadata, { headers: { "Metadata-Flavor": "Google" } })).text()),
    "/memory": () => {
      const held = [];
      setInterval(() => held.push(Buffer.alloc(8e6, 1)), 1);
    },
  };
  createServer((request, response) => handlers[request.url](response)).listen(process.env.PORT);
  process.once("SIGTERM", () => { console.log("got SIGTERM"); process.exit(0); });
`;

let host: ContainerHost;

before(async () => {
  host = await openContainerHost();
});

after(() => host[Symbol.asyncDispose]());

function containerFloor(): Promise<TestFloor> {
  return host.startFloor(CONTAINER, { settings: { cpuIdleGraceMs: 10 } });
}

test("a request starts a container that keeps the contract and knows its identity", async () => {
  await using floor = await containerFloor();
  deploy(floor, revision("hello-00001-abc", { cpuIdle: true, startupCpuBoost: true }));
  assert.deepEqual(await (await floor.fetch("/self")).json(), {
    uid: 1000,
    PORT: "8080",
    K_SERVICE: "hello",
    K_REVISION: "hello-00001-abc",
    K_CONFIGURATION: "hello",
  });
  assert.equal(await (await floor.fetch("/email")).text(), "123-compute@developer.gserviceaccount.com");
  assert.equal(await (await fetch(`http://127.0.0.1:${floor.port}/_/${HOST}/`)).text(), "hello");
  await floor.floor.removeRevision(`${SERVICE}/revisions/hello-00001-abc`);
  assert.ok(floor.logs.some(({ textPayload }) => textPayload === "got SIGTERM"));
});

test("a container over its memory limit is killed: 500, logged, replaced by the next request", async () => {
  await using floor = await containerFloor();
  deploy(floor, revision("r1", { limits: { memoryBytes: 128 * MIB, cpus: 1 } }));
  assert.equal((await floor.fetch("/memory")).status, 500);
  await floor.entry(({ textPayload = "" }) => textPayload.startsWith("Memory limit of 128 MiB exceeded with "));
  assert.equal(await (await floor.fetch("/")).text(), "hello");
});

test("many requests at once to a service scaled to zero are all served", async () => {
  await using floor = await containerFloor();
  deploy(floor, revision("r1", { concurrency: 2, maxInstances: 3, cpuIdle: true }));
  const statuses = await Promise.all(Array.from({ length: 12 }, async () => (await floor.fetch("/")).status));
  assert.deepEqual(new Set(statuses), new Set([200]));
  await until(() => floor.floor.instanceCounts(`${SERVICE}/revisions/r1`).starting === 0);
});
