import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { RUNTIMES } from "../../src/services/cloudfunctions/runtimes.ts";
import { zipOf } from "../support/archives.ts";
import { openGcloud } from "../support/gcloud.ts";
import type { RealServer } from "../support/real-server.ts";
import { startWarmServer } from "../support/warm-data.ts";

const SCRIPT = join(import.meta.dirname, "client-libraries-client.ts");
const EXAMPLE = join(import.meta.dirname, "..", "..", "examples", "hello-http");
const run = promisify(execFile);

describe("@google-cloud/functions and @google-cloud/run", () => {
  let server: RealServer;
  let archive: string;
  let proxied: NodeJS.ProcessEnv;

  before(async () => {
    server = await startWarmServer();
    const files = ["index.js", "package.json", "package-lock.json"];
    const contents = await Promise.all(files.map((name) => readFile(join(EXAMPLE, name))));
    archive = join(server.dataDir, "source.zip");
    await writeFile(archive, await zipOf(Object.fromEntries(files.map((name, index) => [name, contents[index]!]))));
    const key = join(server.dataDir, "key.json");
    await server.homerun("key", key);
    await using variables = await openGcloud(server);
    proxied = { ...variables.env, GOOGLE_APPLICATION_CREDENTIALS: key };
  });
  after(() => server?.[Symbol.asyncDispose]());

  async function check(env: NodeJS.ProcessEnv, mode: string, id: string): Promise<void> {
    const args = [SCRIPT, mode, archive, id, `127.0.0.1:${server.apiPort}`];
    const { stdout } = await run(process.execPath, args, { env });
    const { url, answer, ...seen } = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(seen, expected(id, mode === "rest"));
    assert.match(url as string, /^https:\/\/.+\.run\.app$/);
    if (env === proxied) assert.equal(answer, "Hello World!");
  }

  test("gRPC through the proxy, with a key", () => check(proxied, "grpc", "by-grpc"));
  test("the REST fallback, with a key", () => check(proxied, "rest", "by-rest"));
  test("gRPC without TLS and without credentials", () => check(process.env, "plain", "by-plain"));
});

function expected(id: string, isRest: boolean): Record<string, unknown> {
  return {
    runtimes: RUNTIMES.map(({ name }) => name),
    uploadStatus: 200,
    state: "ACTIVE",
    stages: [
      ["BUILD", "COMPLETE"],
      ["SERVICE", "COMPLETE"],
    ],
    environment: { GREETING: "Hi" },
    timeoutSeconds: 30,
    listed: [`projects/homerun-local/locations/us-central1/functions/${id}`],
    service: `projects/homerun-local/locations/us-central1/services/${id}`,
    ready: "CONDITION_SUCCEEDED",
    concurrency: 7,
    revisions: 2,
    services: [`${id}-copy`, id],
    // google.rpc.Code over gRPC, HTTP's status in the fallback: NOT_FOUND, ALREADY_EXISTS, INVALID_ARGUMENT.
    missing: isRest ? 404 : 5,
    twice: isRest ? 409 : 6,
    invalid: isRest ? 400 : 3,
    left: 0,
  };
}
