import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { mainProgram } from "./go-functions-framework/main-program.ts";
import { supportsAutoVendor } from "./lib/go/go-mod.ts";
import type { BuildContext } from "./lib/context.ts";
import { resolveGoVersion } from "./lib/go/go-version.ts";
import type { Program } from "./lib/program.ts";

const detections: readonly [buildpack: string, files: string[], env: Record<string, string>, reason: string][] = [
  ["runtime", [], {}, "Opting out: no .go files found"],
  ["runtime", ["cmd/server/main.go"], {}, "Opting in: found .go files"],
  ["runtime", ["node_modules/x/main.go"], {}, "Opting out: no .go files found"],
  ["runtime", [], { GOOGLE_RUNTIME: "go126" }, 'Opting in: GOOGLE_RUNTIME matches "go"'],
  ["runtime", ["main.go"], { GOOGLE_RUNTIME: "nodejs22" }, 'Opting out: GOOGLE_RUNTIME does not match to "go"'],
  ["gomod", ["go.mod"], {}, "Opting in: found go.mod"],
  ["gomod", [], {}, "Opting out: go.mod not found"],
  ["gopath", [], {}, "Opting in: go.mod file not found, assuming GOPATH build"],
  ["gopath", ["go.mod"], {}, "Opting out: go.mod found"],
  ["build", ["a/b.go"], {}, "Opting in: found .go files"],
  ["build", [], {}, "Opting out: no .go files found"],
  ["functions-framework", [], {}, "Opting out: GOOGLE_FUNCTION_TARGET not set"],
  ["functions-framework", [], { GOOGLE_FUNCTION_TARGET: "F" }, 'Opting in: GOOGLE_FUNCTION_TARGET set to "F"'],
  ["clear-source", [], {}, "Opting out: GOOGLE_CLEAR_SOURCE not set"],
  ["clear-source", [], { GOOGLE_CLEAR_SOURCE: "false" }, "Opting out: GOOGLE_CLEAR_SOURCE not set"],
  ["clear-source", [], { GOOGLE_CLEAR_SOURCE: "1" }, 'Opting in: GOOGLE_CLEAR_SOURCE set to "1"'],
];

for (const [buildpack, files, env, reason] of detections) {
  test(`go-${buildpack} and [${files.join(", ")}] ${JSON.stringify(env)}`, async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "buildpack-"));
    for (const name of files) {
      mkdirSync(dirname(join(temp.path, name)), { recursive: true });
      writeFileSync(join(temp.path, name), "");
    }
    const { run } = (await import(`./go-${buildpack}/buildpack.ts`)) as { run: Program };
    const log: string[] = [];
    const write = (output: string | Uint8Array): void => void log.push(output.toString());
    const status = await run("detect", { env, cwd: temp.path, write });
    assert.deepEqual([status, log.join("").trim()], [reason.startsWith("Opting in") ? 0 : 100, reason]);
  });
}

test("an unreadable switch fails detection with Google's words", async () => {
  const { run } = (await import("./go-clear-source/buildpack.ts")) as { run: Program };
  const log: string[] = [];
  const write = (output: string | Uint8Array): void => void log.push(output.toString());
  assert.equal(await run("detect", { env: { GOOGLE_CLEAR_SOURCE: "maybe" }, cwd: "/", write }), 1);
  assert.match(log.join(""), /parsing "GOOGLE_CLEAR_SOURCE": strconv\.ParseBool: parsing "maybe": invalid syntax/);
});

const versions: readonly [request: string, version: string | undefined][] = [
  ["1.25.3", "1.25.3"],
  ["1.20", "1.20"],
  ["1.27rc1", "1.27rc1"],
  ["1.26", "1.26.4"],
  ["1.26.*", "1.26.4"],
  [">=1.21", "1.26.4"],
  ["1.25.x", "1.25.9"],
  ["~1.25.3", "1.25.9"],
  ["<1.21", "1.20"],
  ["BAD_NEWS_BEARS", undefined],
  ["1.99.x", undefined],
];

for (const [request, version] of versions) {
  test(`a request for Go ${request} is for ${version ?? "nothing"}`, async () => {
    const stdout = "go 1.19.13 1.20rc1 1.20 1.25.0 1.25.3 1.25.9 1.26rc1 1.26.4 1.26.5";
    const context = { exec: () => Promise.resolve({ stdout }) } as unknown as BuildContext;
    const resolved = resolveGoVersion(context, request, "1.26.4");
    if (version === undefined) await assert.rejects(resolved, /^BuildpackError: invalid Go version specified: /);
    else assert.equal(await resolved, version);
  });
}

test("a vendor folder counts from Go 1.14 on", () => {
  const counts = (line: string): boolean => supportsAutoVendor(`module m\n\n${line}\n`);
  assert.deepEqual(["go 1.13", "go 1.14", "go 1.26.0", " go 1.9", "", "go 2.0"].map(counts), [
    false,
    true,
    true,
    false,
    false,
    true,
  ]);
});

test("the program imports declared functions only, and registers others by what their framework knows", () => {
  const source = (imports: string[]) => ({
    folder: "/f",
    target: "Hello",
    packageName: "f",
    imports: new Set(imports),
  });
  const declared = mainProgram(
    source(["github.com/GoogleCloudPlatform/functions-framework-go/functions"]),
    "example.com/f",
    "v1.9.2",
  );
  assert.match(declared, /^\t_ "example\.com\/f"$/m);
  assert.doesNotMatch(declared, /register|cloudevents/);
  const undeclared = mainProgram(source([]), "example.com/f", "v1.1.0");
  assert.match(undeclared, /^\tuserfunction "example\.com\/f"$/m);
  assert.match(undeclared, /register\(userfunction\.Hello\)[^]*RegisterCloudEventFunctionContext/);
  const old = mainProgram(source([]), "example.com/f", "v1.0.1");
  assert.match(old, /RegisterEventFunction\("\/", function\)/);
  assert.doesNotMatch(old, /Context|cloudevents/);
});
