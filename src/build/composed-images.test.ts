import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { BuildpackBuildRequest } from "./build.ts";
import { type BuilderBench, createBuilderBench } from "./testing/builder-bench.ts";

let bench: BuilderBench;
before(async () => {
  bench = await createBuilderBench("composed");
});
after(() => bench[Symbol.asyncDispose]());

const INTEGRITY = "sha512-41Cifkg6e8TylSpdtTpeLVMqvSBEVzTttHvERD741+pnZ8ANv0004MRL43QKPDlK9cGvNp6NZWZUBlbGXYxxng==";
const YARN_LOCK = `# yarn lockfile v1

is-number@7.0.0:
  version "7.0.0"
  integrity ${INTEGRITY}
`;
const PNPM_LOCK = `lockfileVersion: '9.0'
settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false
importers:
  .:
    dependencies:
      is-number:
        specifier: 7.0.0
        version: 7.0.0
packages:
  is-number@7.0.0:
    resolution: {integrity: ${INTEGRITY}}
    engines: {node: '>=0.12.0'}
snapshots:
  is-number@7.0.0: {}
`;
const BUN_LOCK = `{
  "lockfileVersion": 1,
  "workspaces": { "": { "name": "app", "dependencies": { "is-number": "7.0.0" } } },
  "packages": { "is-number": ["is-number@7.0.0", "", {}, "${INTEGRITY}"] },
}
`;
const SERVER = `const http = require("http");
http.createServer((q, r) => r.end(process.version + " " + require("is-number")(1))).listen(process.env.PORT);`;
const APP = {
  name: "app",
  version: "1.0.0",
  scripts: { start: "node server.js" },
  dependencies: { "is-number": "7.0.0" },
};

async function build(
  source: string,
  changes: Partial<BuildpackBuildRequest>,
): Promise<{ digest: string; log: string[] }> {
  const { outcome, log } = await bench.build(source, changes);
  assert.equal(outcome.status, "SUCCESS", log.join("\n"));
  return { digest: outcome.status === "SUCCESS" ? outcome.images[0]!.digest : "", log };
}

for (const [tool, lockfile, lock] of [
  ["yarn", "yarn.lock", YARN_LOCK],
  ["pnpm", "pnpm-lock.yaml", PNPM_LOCK],
  ["bun", "bun.lock", BUN_LOCK],
] as const) {
  test(`${tool} installs from its lockfile once, and starts the application`, async () => {
    const source = bench.source({ "package.json": JSON.stringify(APP), [lockfile]: lock, "server.js": SERVER });
    const changes = { env: { GOOGLE_RUNTIME: "nodejs22" }, cacheKey: tool };
    const first = await build(source, changes);
    assert.ok(first.log.some((line) => line.startsWith(`Running "${tool} install`)));
    assert.match(await bench.call(first.digest), /^v22\.\d+\.\d+ true$/);
    const again = await build(source, changes);
    assert.equal(again.digest, first.digest);
    assert.ok(!again.log.some((line) => line.startsWith("Running")));
    const other = { ...APP, dependencies: { "is-number": "6.0.0" } };
    writeFileSync(join(source, "package.json"), JSON.stringify(other));
    const { outcome } = await bench.build(source, changes);
    assert.equal(outcome.status, "FAILURE");
  });
}

test("a function may be an ES module, and on an image of its own it gets the Node.js that it asks for", async () => {
  const packageJson = {
    type: "module",
    engines: { node: "20.x" },
    dependencies: { "@google-cloud/functions-framework": "^3.5.0" },
  };
  const index = `import functions from "@google-cloud/functions-framework";
functions.http("hello", (req, res) => res.send(process.version));`;
  const source = bench.source({ "package.json": JSON.stringify(packageJson), "index.js": index });
  const env = {
    GOOGLE_RUNTIME: "nodejs22",
    GOOGLE_FUNCTION_TARGET: "hello",
    GOOGLE_FUNCTION_SIGNATURE_TYPE: "http",
  };
  const runImage = await bench.runImage("nodejs22");
  const { digest, log } = await build(source, { env, runImage });
  assert.ok(log.some((line) => line.startsWith("Installing Node.js v20.")));
  assert.match(await bench.call(digest), /^v20\./);
  const again = await build(source, { env: { ...env, OTHER: "1" }, runImage });
  assert.ok(again.log.includes("Reusing layer 'google.nodejs.runtime:node'"));
  assert.equal(again.digest, digest);
});

test("a function in TypeScript runs as it is where Node.js reads TypeScript, and may use most of its memory", async () => {
  const index = `import { getHeapStatistics } from "node:v8";
export const hello = (req: object, res: { json(value: object): void }): void => res.json(getHeapStatistics());`;
  const source = bench.source({ "package.json": '{ "main": "index.ts", "type": "module" }', "index.ts": index });
  const env = { GOOGLE_RUNTIME: "nodejs22", GOOGLE_FUNCTION_TARGET: "hello" };
  const { digest } = await build(source, { env });
  const { heap_size_limit: bytes } = JSON.parse(await bench.call(digest)) as { heap_size_limit: number };
  // 80% of the 512 MiB of a called image, and the young generation.
  assert.ok(bytes > 0.8 * 512 * 1024 ** 2 && bytes < 512 * 1024 ** 2, String(bytes));
});

test("events reach functions of the older signature", async () => {
  const index = "exports.hello = (data, context) => { throw new Error(`got ${data.name} ${context.eventType}`); };";
  const source = bench.source({ "package.json": "{}", "index.js": index });
  const env = { GOOGLE_RUNTIME: "nodejs22", GOOGLE_FUNCTION_TARGET: "hello", GOOGLE_FUNCTION_SIGNATURE_TYPE: "event" };
  const { digest } = await build(source, { env });
  const body = JSON.stringify({
    context: { eventId: "1", eventType: "google.storage.object.finalize", resource: "r" },
    data: { name: "file" },
  });
  const answer = await bench.call(digest, { method: "POST", body, headers: { "content-type": "application/json" } });
  assert.match(answer, /Internal Server Error|got file/);
});

test("a native module compiles: the build starts again with compilers once it calls one", async () => {
  const source = bench.source({
    "package.json": JSON.stringify({ name: "app", version: "1.0.0", scripts: { start: "node server.js" } }),
    "package-lock.json": JSON.stringify({ name: "app", lockfileVersion: 3, packages: { "": { name: "app" } } }),
    "binding.gyp": JSON.stringify({ targets: [{ target_name: "answer", sources: ["answer.c"] }] }),
    "answer.c": `#include <node_api.h>
NAPI_MODULE_INIT() { napi_value answer; napi_create_int32(env, 42, &answer); return answer; }`,
    "server.js": `const answer = require("./build/Release/answer.node");
require("http").createServer((q, r) => r.end("native " + answer)).listen(process.env.PORT);`,
  });
  const { digest, log } = await build(source, { env: { GOOGLE_RUNTIME: "nodejs22" }, cacheKey: "native" });
  assert.equal(log.filter((line) => line.startsWith("The build needs compilers")).length, 1);
  assert.equal(await bench.call(digest), "native 42");
});
