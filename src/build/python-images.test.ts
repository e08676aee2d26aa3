import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { BuildpackBuildRequest } from "./build.ts";
import { type BuilderBench, createBuilderBench } from "./testing/builder-bench.ts";

const EXAMPLE = join(import.meta.dirname, "..", "..", "examples", "hello-python");
const FUNCTION = { GOOGLE_RUNTIME: "python313", GOOGLE_FUNCTION_TARGET: "hello", X_GOOGLE_TARGET_PLATFORM: "gcf" };

let bench: BuilderBench;
before(async () => {
  bench = await createBuilderBench("composed");
});
after(() => bench[Symbol.asyncDispose]());

type Changes = Partial<BuildpackBuildRequest>;

async function build(source: string, changes: Changes = {}): Promise<{ digest: string; log: string[] }> {
  const { outcome, log } = await bench.build(source, { env: FUNCTION, runImage: "python313", ...changes });
  assert.equal(outcome.status, "SUCCESS", log.join("\n"));
  return { digest: outcome.status === "SUCCESS" ? outcome.images[0]!.digest : "", log };
}

async function failure(files: Record<string, string>, changes: Changes = {}): Promise<string> {
  const source = bench.source(files);
  const { outcome, log } = await bench.build(source, { env: FUNCTION, runImage: "python313", ...changes });
  assert.ok(outcome.status === "FAILURE", log.join("\n"));
  return outcome.detail;
}

const ran = (log: readonly string[]): string[] => log.filter((line) => line.startsWith('Running "'));

test("a function's packages are a layer of their own; the same source gives the same digest, from nothing, too", async () => {
  const source = bench.source({}, EXAMPLE);
  const first = await build(source);
  assert.ok(ran(first.log).some((line) => line.startsWith('Running "python3 -m pip install')));
  assert.equal(await bench.call(first.digest), "Hello World!");
  const { config, rootfs } = await bench.config(first.digest);
  assert.deepEqual(config?.Entrypoint, ["/cnb/process/web"]);

  writeFileSync(join(source, "main.py"), "def hello(request):\n    return 'changed'\n");
  const changed = await build(source);
  assert.ok(changed.log.includes("Reusing layer 'google.python.pip:pip'"));
  assert.ok(!ran(changed.log).some((line) => line.includes("pip")));
  assert.equal(await bench.call(changed.digest), "changed");
  const layers = (await bench.config(changed.digest)).rootfs.diff_ids;
  assert.equal(layers.filter((layer) => !rootfs.diff_ids.includes(layer)).length, 1);

  const elsewhere = await build(source, { cacheKey: "another project" });
  assert.equal(elsewhere.digest, changed.digest);
});

test("an event's function without the framework gets it; uv installs where it is asked to", async () => {
  const main = "def hello(event):\n    if event['id'] != '7': raise ValueError(event['id'])\n";
  const env = {
    ...FUNCTION,
    GOOGLE_FUNCTION_SIGNATURE_TYPE: "cloudevent",
    GOOGLE_PYTHON_PACKAGE_MANAGER: "uv",
  };
  const { digest, log } = await build(bench.source({ "main.py": main, "requirements.txt": "" }), { env });
  assert.ok(log.includes("Adding functions-framework requirements.txt to the list of requirements files to install."));
  assert.ok(ran(log).some((line) => line.startsWith('Running "uv pip install')));
  const headers = { "ce-id": "7", "ce-type": "t", "ce-source": "s", "ce-specversion": "1.0" };
  const answer = await bench.call(digest, {
    method: "POST",
    body: "{}",
    headers: { ...headers, "content-type": "application/json" },
  });
  assert.equal(answer, "OK");
});

test("uv installs a project by its lockfile, which it makes where there is none; the image is the same again", async () => {
  const pyproject = `[project]
name = "hello"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["functions-framework==3.10.2"]
`;
  const source = bench.source({ "main.py": "def hello(request):\n    return 'by uv'\n", "pyproject.toml": pyproject });
  const first = await build(source);
  assert.ok(ran(first.log).includes('Running "uv lock"'));
  assert.equal(await bench.call(first.digest), "by uv");
  const again = await build(source);
  assert.equal(again.digest, first.digest);
  assert.ok(!ran(again.log).some((line) => line.includes("uv")));
});

test("an application starts by its Procfile, on a run image without Python, too", async () => {
  const main = "def app(environ, start):\n    start('200 OK', [])\n    return [__import__('sys').prefix.encode()]\n";
  const files = {
    "main.py": main,
    "requirements.txt": "gunicorn==27.0.1\n",
    Procfile: "web: gunicorn -b :$PORT main:app\n",
  };
  const runImage = await bench.runImage("nodejs22");
  const { digest } = await build(bench.source(files), { env: { GOOGLE_RUNTIME: "python313" }, runImage });
  assert.equal(await bench.call(digest), "/layers/google.python.runtime/python");
});

test("what keeps a function from being built is said in the words of Google's build", async () => {
  assert.match(await failure({ "main.py": "def hello(request:\n" }), /SyntaxError: '\(' was never closed/);
  assert.match(await failure({ "app.py": "" }), /missing main\.py and GOOGLE_FUNCTION_SOURCE not specified\. Either/);
  const missing = await failure({ "main.py": "", "requirements.txt": "homerun-there-is-no-such-package==1\n" });
  assert.match(missing, /No matching distribution found for homerun-there-is-no-such-package==1/);
  const version = await failure({ "main.py": "" }, { env: { ...FUNCTION, GOOGLE_RUNTIME_VERSION: "3.12.*" } });
  assert.match(version, /invalid Python version specified: 3\.12\.\* is not available/);
});
