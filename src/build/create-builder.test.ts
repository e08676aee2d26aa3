import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { BuildFailure, BuildOutcome } from "./build.ts";
import { type BuilderBench, createBuilderBench, DESTINATION } from "./testing/builder-bench.ts";

const EXAMPLES = join(import.meta.dirname, "..", "..", "examples");
const HELLO = join(EXAMPLES, "hello-http");

let bench: BuilderBench;
before(async () => {
  bench = await createBuilderBench("host");
});
after(() => bench[Symbol.asyncDispose]());

function digestOf(outcome: BuildOutcome, log: readonly string[]): string {
  assert.equal(outcome.status, "SUCCESS", log.join("\n"));
  return outcome.status === "SUCCESS" ? outcome.images[0]!.digest : "";
}

function failureOf(outcome: BuildOutcome, log: readonly string[]): BuildFailure {
  assert.notEqual(outcome.status, "SUCCESS", log.join("\n"));
  return outcome as BuildFailure;
}

/** A project of one file and without dependencies. */
const plain = (packageJson: object, files: Record<string, string> = {}): string =>
  bench.source({ "package.json": JSON.stringify({ name: "plain", version: "1.0.0", ...packageJson }), ...files });

const APP_ENV = { GOOGLE_RUNTIME: "nodejs22" };

/** What the log says of a build that would make the same image again. */
const UNCHANGED = "Nothing has changed since the previous build: its image is used again";

test("a function becomes an image that serves it, and building it again needs no npm and gives the same digest", async () => {
  const source = bench.source({}, HELLO);
  const first = await bench.build(source);
  const digest = digestOf(first.outcome, first.log);
  assert.ok(first.log.includes("=== Node.js - Npm (google.nodejs.npm@1.1.1) ==="));
  assert.ok(first.log.some((line) => line.startsWith('Running "npm ci --quiet --no-fund --no-audit')));
  assert.equal(await bench.call(digest), "Hello World!");
  assert.equal(
    await bench.call(digest, {
      method: "POST",
      body: '{"name":"you"}',
      headers: { "content-type": "application/json" },
    }),
    "Hello you!",
  );

  const { config, history, rootfs } = await bench.config(digest);
  assert.deepEqual(config?.Entrypoint, ["/cnb/process/web"]);
  assert.equal(config?.WorkingDir, "/workspace");
  assert.ok(config?.Env?.includes("PATH=/cnb/process:/usr/bin:/bin"));
  assert.ok(config?.Env?.includes("LANG=C.UTF-8"));
  assert.equal(history?.length, rootfs.diff_ids.length);
  const metadata = JSON.parse(config?.Labels?.["io.buildpacks.build.metadata"] ?? "{}") as {
    buildpacks: { id: string }[];
  };
  assert.equal(metadata.buildpacks[0]?.id, "google.nodejs.runtime");
  const framework = JSON.parse(config?.Labels?.["google.functions-framework-version"] ?? "{}") as { version: string };
  assert.match(framework.version, /^3\./);

  const again = await bench.build(source);
  assert.equal(digestOf(again.outcome, again.log), digest);
  assert.ok(again.log.includes(UNCHANGED), again.log.join("\n"));
  const otherEnv = { GOOGLE_RUNTIME: "nodejs22", GOOGLE_FUNCTION_TARGET: "hello", OTHER: "1" };
  const asked = await bench.build(source, { env: otherEnv });
  assert.ok(!asked.log.includes(UNCHANGED));
  assert.ok(!asked.log.some((line) => line.startsWith('Running "npm')));
  // Nothing of the first build is known under another key.
  const elsewhere = await bench.build(source, { cacheKey: "another project" });
  assert.ok(elsewhere.log.some((line) => line.startsWith('Running "npm ci')));
  assert.equal(digestOf(elsewhere.outcome, elsewhere.log), digest);

  writeFileSync(join(source, "index.js"), 'exports.hello = (req, res) => res.send("changed");');
  const changed = await bench.build(source);
  assert.ok(!changed.log.some((line) => line.startsWith('Running "npm')));
  assert.ok(changed.log.includes("Reusing layer 'google.nodejs.npm:npm_modules'"));
  const next = digestOf(changed.outcome, changed.log);
  assert.equal(await bench.call(next), "changed");
  const layers = (await bench.config(next)).rootfs.diff_ids;
  assert.equal(layers.filter((layer) => !rootfs.diff_ids.includes(layer)).length, 1);
});

test("layers that were deleted from the registry are pushed again from the cache", async () => {
  const source = bench.source({}, HELLO);
  const first = await bench.build(source);
  const digest = digestOf(first.outcome, first.log);
  await bench.deleteImage(digest);
  const { outcome, log } = await bench.build(source);
  assert.equal(digestOf(outcome, log), digest);
  assert.ok(log.includes("Reusing layer 'google.nodejs.npm:npm_modules'"));
  assert.equal(await bench.call(digest), "Hello World!");
});

test("a function without the framework gets it in a layer of its own, which the next build uses again", async () => {
  const source = bench.source({ "function.js": "exports.hello = (event) => console.log(event.id);" });
  const env = {
    GOOGLE_RUNTIME: "nodejs22",
    GOOGLE_FUNCTION_TARGET: "hello",
    GOOGLE_FUNCTION_SIGNATURE_TYPE: "cloudevent",
  };
  const first = await bench.build(source, { env });
  const digest = digestOf(first.outcome, first.log);
  const event = {
    "ce-id": "1",
    "ce-type": "t",
    "ce-source": "s",
    "ce-specversion": "1.0",
    "content-type": "application/json",
  };
  assert.equal(await bench.call(digest, { method: "POST", body: "{}", headers: event }), "");
  const { config } = await bench.config(digest);
  assert.match(config?.Labels?.["google.functions-framework-version"] ?? "", /"injected":true/);
  writeFileSync(join(source, "function.js"), "exports.hello = () => {};");
  const second = await bench.build(source, { env });
  digestOf(second.outcome, second.log);
  assert.ok(second.log.includes("Reusing layer 'google.nodejs.functions-framework:functions-framework'"));
});

test("build scripts run with devDependencies, which are not in the image; install scripts run each time", async () => {
  const scripts = {
    postinstall: "echo installed > installed.txt",
    "gcp-build": "node -e \"require('is-number'); require('fs').writeFileSync('built.txt', process.env.SECRET)\"",
    start: "node server.js",
  };
  const server = `require("http").createServer((req, res) => {
    let dev = true; try { require("is-number"); } catch { dev = false; }
    res.end(require("fs").readFileSync("installed.txt", "utf8").trim() + " " + require("fs").readFileSync("built.txt") + " " + dev + " " + process.env.NODE_ENV);
  }).listen(process.env.PORT);`;
  const source = plain(
    { scripts, devDependencies: { "is-number": "7.0.0" } },
    { "server.js": server, Procfile: "web: node server.js\nworker: node worker.js\n" },
  );
  const env = { ...APP_ENV, SECRET: "with secret" };
  const first = await bench.build(source, { env });
  const digest = digestOf(first.outcome, first.log);
  assert.ok(first.log.some((line) => line.includes('Running "npm run gcp-build"')));
  assert.ok(first.log.includes("Using entrypoint from Procfile: node server.js"));
  assert.equal(await bench.call(digest), "installed with secret false production");
  const again = await bench.build(source, { env });
  assert.equal(digestOf(again.outcome, again.log), digest);
  assert.ok(!again.log.includes(UNCHANGED), "the project's own scripts may make something else each time");
  assert.ok(again.log.includes('***** CACHE HIT: "npm_modules"'));
  const other = await bench.build(source, { env, cacheKey: "cold" });
  assert.equal(digestOf(other.outcome, other.log), digest);
});

test("GOOGLE_ENTRYPOINT is the start command", async () => {
  const source = bench.source({
    "app.js": 'require("http").createServer((q, r) => r.end(process.argv[2])).listen(process.env.PORT)',
  });
  const { outcome, log } = await bench.build(source, { env: { ...APP_ENV, GOOGLE_ENTRYPOINT: "node app.js $WORD" } });
  assert.equal(await bench.call(digestOf(outcome, log), { env: { WORD: "given" } }), "given");
});

const failures: readonly { what: string; packageJson: object; files: Record<string, string>; detail: RegExp }[] = [
  {
    what: "a dependency that does not exist fails with npm's own words",
    packageJson: { dependencies: { "@homerun-test/there-is-no-such-package": "1.0.0" } },
    files: { "index.js": "exports.hello = () => {};" },
    detail: /^\(error ID: [0-9a-f]{8}\):\n[^]*npm error[^]*there-is-no-such-package/,
  },
  {
    what: "a syntax error fails the build",
    packageJson: { dependencies: {} },
    files: { "index.js": "exports.hello = (req, res => res.send();" },
    detail: /SyntaxError/,
  },
  {
    what: "a missing file of the function fails the build",
    packageJson: { main: "dist/index.js" },
    files: { "index.js": "exports.hello = () => {};" },
    detail: /^\(error ID: [0-9a-f]{8}\):\ndist\/index\.js does not exist$/,
  },
  {
    what: "a failing build script fails with its own words",
    packageJson: { scripts: { build: "echo this is why >&2; exit 7" } },
    files: { "index.js": "exports.hello = () => {};" },
    detail: /this is why[^]*NOTE: Running the default build script can be skipped/,
  },
];

for (const { what, packageJson, files, detail } of failures) {
  test(what, async () => {
    const { outcome, log } = await bench.build(plain(packageJson, files));
    const failure = failureOf(outcome, log);
    assert.equal(failure.failureType, "USER_BUILD_STEP");
    assert.match(failure.detail, detail);
    assert.ok(log.includes("ERROR: failed to build: exit status 1"), log.join("\n"));
    assert.equal(log.at(-1), "ERROR: failed to build: executing lifecycle: failed with status code: 51");
    assert.ok(failure.phases.length > 0);
  });
}

test("a source that no buildpack knows fails detection", async () => {
  const { outcome, log } = await bench.build(bench.source({ "notes.txt": "" }), { env: {} });
  assert.match(failureOf(outcome, log).detail, /No buildpack groups passed detection/);
});

test("a build that takes too long is stopped", async () => {
  const source = plain({ scripts: { build: "sleep 600" } }, { "index.js": "" });
  const { outcome, log } = await bench.build(source, { timeoutSeconds: 3 });
  assert.equal(failureOf(outcome, log).status, "TIMEOUT");
});

test("an aborted build stops at once and leaves nothing behind", async () => {
  const controller = new AbortController();
  const source = plain({ scripts: { build: "echo building; sleep 600" } }, { "index.js": "" });
  const onLogLine = (line: string): void => {
    if (line === "building") controller.abort(new Error("cancelled"));
  };
  await assert.rejects(bench.build(source, { onLogLine, signal: controller.signal }), /cancelled/);
  assert.deepEqual(readdirSync(join(bench.folder, "builds", "work")), []);
  assert.deepEqual(readdirSync(join(bench.folder, "sandboxes", "bundles")), []);
});

test("a build that a crash interrupted can run again, and what no build needs is removed", async () => {
  const work = join(bench.folder, "builds", "work");
  const id = "8d3c1f3e-0000-4000-8000-000000000001";
  for (const name of [id, "forgotten"]) {
    mkdirSync(join(work, name, "root", "workspace"), { recursive: true });
    writeFileSync(join(work, name, "root", "workspace", "index.js"), "old");
  }
  const source = bench.source({
    "index.js": 'require("http").createServer((q, r) => r.end("new")).listen(process.env.PORT)',
  });
  const env = { ...APP_ENV, GOOGLE_ENTRYPOINT: "node index.js" };
  const { outcome, log } = await bench.build(source, { id, env });
  assert.equal(await bench.call(digestOf(outcome, log)), "new");
  await bench.builder.removeLeftovers();
  assert.deepEqual(readdirSync(work), []);
});

test("builds of one image may run at the same time", async () => {
  const source = bench.source({ "index.js": "" });
  const env = { ...APP_ENV, GOOGLE_ENTRYPOINT: "node index.js" };
  const builds = await Promise.all([1, 2, 3].map(() => bench.build(source, { env })));
  const digests = new Set(builds.map(({ outcome, log }) => digestOf(outcome, log)));
  assert.equal(digests.size, 1);
});

test("a build sees its source and its variables, and nothing of the host or of the server", async () => {
  const build = [
    "id -u",
    "echo user=$USER_SET npm=$npm_config_cache",
    "touch /source/x 2>/dev/null || echo source is read-only",
    "touch /cnb/lifecycle/x 2>/dev/null || echo lifecycle is read-only",
    "echo layers: $(ls /layers) root: $(ls /root 2>&1)",
  ].join("; ");
  const source = plain({ scripts: { build } }, { "index.js": "" });
  const { outcome, log } = await bench.build(source, { env: { ...APP_ENV, USER_SET: "yes", "../../escape": "x" } });
  digestOf(outcome, log);
  for (const line of ["33", "source is read-only", "lifecycle is read-only"]) assert.ok(log.includes(line), line);
  assert.ok(log.some((line) => line.startsWith("user=yes")));
  assert.equal(existsSync(join(source, "x")), false);
});

test("a build without destination is only a build", async () => {
  const { outcome, log } = await bench.build(bench.source({ "index.js": "" }), {
    env: { ...APP_ENV, GOOGLE_ENTRYPOINT: "node index.js" },
    destinations: [],
  });
  assert.deepEqual(outcome.status === "SUCCESS" && outcome.images, [], log.join("\n"));
});

test("several destinations get the same image", async () => {
  const destinations = [
    DESTINATION,
    "us-central1-docker.pkg.dev/project/repository/image:v2",
    "europe-west1-docker.pkg.dev/project/other/name:x",
  ];
  const { outcome, log } = await bench.build(bench.source({}, HELLO), { destinations });
  const digest = digestOf(outcome, log);
  for (const [host, repository, tag] of destinations.map((text) => /^([^/]+)\/(.+):(\w+)$/.exec(text)!.slice(1))) {
    assert.equal(await bench.client.resolve({ host: host!, repository: repository!, tag: tag! }), digest);
  }
});
