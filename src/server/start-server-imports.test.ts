import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const START = join(import.meta.dirname, "start-server.ts");

/** Loads the server without starting it, and tells all that is loaded then: files, and what is built into Node.js. */
const LOADED = `
import { registerHooks } from "node:module";
const files = [];
registerHooks({ load(url, context, next) { files.push(url); return next(url, context); } });
await import(${JSON.stringify(START)});
console.log(JSON.stringify([...files, ...process.moduleLoadList]));
`;

test("a start loads nothing large that most servers never use", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", LOADED], {
    maxBuffer: 16 * 1024 * 1024,
  });
  const loaded = JSON.parse(stdout) as string[];
  assert.ok(loaded.some((each) => each.endsWith("/start-server.ts")));
  // HTTP clients, of which one comes with any import of node:http; and parsers of what few requests bring.
  const large = /undici|node_modules\/(?:yaml|pg|openpgp|@grpc\/grpc-js|protobufjs|avsc|@opentelemetry\/[^/]+)\//;
  assert.deepEqual(new Set(loaded.flatMap((each) => large.exec(each)?.[0] ?? [])), new Set());
});
