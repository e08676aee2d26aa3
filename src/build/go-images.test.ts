import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { BuildpackBuildRequest } from "./build.ts";
import { type BuilderBench, createBuilderBench } from "./testing/builder-bench.ts";

const EXAMPLE = join(import.meta.dirname, "..", "..", "examples", "hello-go");
/** The first build compiles Go's own packages, which takes long on a busy machine. */
const TIMEOUT_SECONDS = 280;

let bench: BuilderBench;
before(async () => {
  bench = await createBuilderBench("composed");
});
after(() => bench[Symbol.asyncDispose]());

function run(source: string, env: Record<string, string>, changes: Partial<BuildpackBuildRequest> = {}) {
  const all = { GOOGLE_RUNTIME: "go126", ...env };
  return bench.build(source, { env: all, runImage: "go126", timeoutSeconds: TIMEOUT_SECONDS, ...changes });
}

async function build(source: string, env: Record<string, string>): Promise<{ digest: string; log: string[] }> {
  const { outcome, log } = await run(source, env);
  assert.equal(outcome.status, "SUCCESS", log.join("\n"));
  return { digest: outcome.status === "SUCCESS" ? outcome.images[0]!.digest : "", log };
}

const functionEnv = (target: string): Record<string, string> => ({
  GOOGLE_FUNCTION_TARGET: target,
  X_GOOGLE_TARGET_PLATFORM: "gcf",
});
const downloads = (log: readonly string[]): string[] => log.filter((line) => line.startsWith("go: downloading"));

test("a declared function is compiled with its modules once; a code change compiles only itself", async () => {
  const source = bench.source({}, EXAMPLE);
  const first = await build(source, functionEnv("hello"));
  assert.ok(downloads(first.log).length > 0);
  assert.equal(await bench.call(first.digest), "Hello World!");
  const { config, rootfs } = await bench.config(first.digest);
  assert.equal(
    config?.Labels?.["google.functions-framework-version"],
    JSON.stringify({ runtime: "go", version: "v1.9.2", injected: false }),
  );

  const text =
    'package hello\n\nimport "net/http"\n\nfunc other(w http.ResponseWriter) { w.WriteHeader(http.StatusTeapot) }\n';
  writeFileSync(join(source, "other.go"), text);
  const changed = await build(source, functionEnv("hello"));
  assert.deepEqual(downloads(changed.log), []);
  assert.equal(await bench.call(changed.digest), "Hello World!");
  const layers = (await bench.config(changed.digest)).rootfs.diff_ids;
  // The program, and the source beside it.
  assert.equal(layers.filter((layer) => !rootfs.diff_ids.includes(layer)).length, 2);
  assert.equal((await build(source, functionEnv("hello"))).digest, changed.digest);
});

test("a function that declares nothing is found by its name and signature, and gets the framework", async () => {
  const source = bench.source({
    "go.mod": "module example.com/event\n\ngo 1.25\n",
    "event.go": `package event

import (
	"context"
	"fmt"
)

type message struct{ Name string }

func Receive(ctx context.Context, m message) error { return fmt.Errorf("got %s", m.Name) }
`,
  });
  const { digest, log } = await build(source, { ...functionEnv("Receive"), GOOGLE_FUNCTION_SIGNATURE_TYPE: "event" });
  assert.ok(log.includes('go.sum not found, generating using "go mod tidy"'));
  assert.ok(log.includes("functions-framework not specified in go.mod, using default"));
  const event = { context: { eventId: "1", eventType: "t", resource: "r" }, data: { Name: "file" } };
  const headers = { "content-type": "application/json" };
  assert.match(await bench.call(digest, { method: "POST", body: JSON.stringify(event), headers }), /got file/);
});

test("an application that uses C is compiled from its only main package, and starts as its Procfile says", async () => {
  const source = bench.source({
    "go.mod": "module example.com/app\n\ngo 1.25\n",
    "cmd/server/main.go": `package main

// static int twice(int number) { return 2 * number; }
import "C"

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	answer := fmt.Sprint(C.twice(21), os.Args[1:])
	handler := func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, answer) }
	panic(http.ListenAndServe(":"+os.Getenv("PORT"), http.HandlerFunc(handler)))
}
`,
    Procfile: "web: main from Procfile\n",
  });
  const { digest, log } = await build(source, { GOOGLE_CLEAR_SOURCE: "true", GOOGLE_GOLDFLAGS: "-s -w" });
  assert.ok(
    log.some(
      (line) =>
        line.startsWith('Running "go build -trimpath -ldflags -s -w -o /layers/') && line.includes(" ./cmd/server "),
    ),
  );
  assert.ok(log.includes("Clearing source"));
  assert.equal(await bench.call(digest), "42 [from Procfile]");
});

const failures: readonly {
  what: string;
  files: Record<string, string>;
  env: Record<string, string>;
  detail: RegExp;
}[] = [
  {
    what: "a function that is not there",
    files: { "go.mod": "module example.com/f\n\ngo 1.25\n", "f.go": "package f\n" },
    env: functionEnv("Missing"),
    detail: /main\.go:\d+:\d+: undefined: userfunction\.Missing/,
  },
  {
    what: "two packages in one folder",
    files: { "a.go": "package a\n", "b.go": "package b\n" },
    env: functionEnv("F"),
    detail:
      /error extracting package name: Unable to extract package name and imports: multiple packages in user code directory: a != b\./,
  },
  {
    what: "a vendor folder without the framework",
    files: { "go.mod": "module example.com/f\n\ngo 1.25\n", "f.go": "package f\n", "vendor/modules.txt": "" },
    env: functionEnv("F"),
    detail:
      /vendored dependencies must include "github\.com\/GoogleCloudPlatform\/functions-framework-go"; if your function/,
  },
  {
    what: "a module path without a dot",
    files: { "go.mod": "module f\n\ngo 1.25\n", "f.go": "package f\n", "go.sum": "" },
    env: functionEnv("F"),
    detail: /must contain a dot in the first path element before a slash, e\.g\. example\.com\/module, found: f$/,
  },
];

for (const { what, files, env, detail } of failures) {
  test(`${what} fails the build with a clear error`, async () => {
    const { outcome, log } = await run(bench.source(files), env);
    assert.match(outcome.status === "SUCCESS" ? log.join("\n") : outcome.detail, detail);
  });
}
