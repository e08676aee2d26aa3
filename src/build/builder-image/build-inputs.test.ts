import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { BuildpackBuildRequest } from "../build.ts";
import { BuildInputError } from "./build-input-error.ts";
import { type BuildInputs, readBuildInputs } from "./build-inputs.ts";
import { isOwnBuilder } from "./own-builder.ts";

type Changes = Partial<Pick<BuildpackBuildRequest, "env" | "pack" | "sourcePath">>;

/** Reads the inputs of a build whose source holds some files, and a link "outside" to what must not be read. */
function read(files: Record<string, string>, changes: Changes = {}): BuildInputs {
  using temp = mkdtempDisposableSync(join(tmpdir(), "inputs-"));
  const source = join(temp.path, "source");
  mkdirSync(source);
  for (const [path, content] of Object.entries({ "../secret/buildpack.toml": "", "../secret.env": "A=1", ...files })) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), content);
  }
  symlinkSync("../secret", join(source, "outside"));
  symlinkSync("../secret.env", join(source, "outside.env"));
  return readBuildInputs({ sourceFolder: source, env: {}, ...changes } as BuildpackBuildRequest);
}

test("project.toml by either schema gives builder, environment, files and buildpacks", () => {
  const old = `[project]\nid = "x"\n[build]\ninclude = ["*.go"]\nbuilder = "example.com/builder"
[[build.env]]\nname = "A"\nvalue = "1"\n[[build.buildpacks]]\nid = "some/id"\nversion = "1.2.3"`;
  const current = `[_]\nschema-version = "0.2"\n[io.buildpacks]\nexclude = ["/x"]
[[io.buildpacks.build.env]]\nname = "A"\nvalue = "2"\n[[io.buildpacks.group]]\nuri = "urn:cnb:builder:other/id@2.0.0"
[[io.buildpacks.pre.group]]\nuri = "./own"\n[[io.buildpacks.post.group]]\nid = "script"
[io.buildpacks.post.group.script]\napi = "0.10"\ninline = "echo hello"`;
  const first = read({ "project.toml": old });
  assert.equal(first.builder, "example.com/builder");
  assert.deepEqual([first.env, first.selection], [{ A: "1" }, { include: ["*.go"] }]);
  assert.deepEqual(first.chosen.group, [{ choice: { id: "some/id", version: "1.2.3" } }]);
  const files = { "app/project.toml": current, "app/own/buildpack.toml": "" };
  const second = read(files, { sourcePath: "app", env: { A: "3" } });
  assert.deepEqual([second.env, second.selection], [{ A: "3" }, { exclude: ["/x"] }]);
  const inline = { api: "0.10", shell: "/bin/sh", script: "echo hello" };
  assert.deepEqual(second.chosen, {
    group: [{ choice: { id: "other/id", version: "2.0.0" } }],
    pre: [{ choice: { path: "app/own" } }],
    post: [{ choice: { id: "script", version: "0.0.0", inline } }],
  });
});

test("options of pack come before the project descriptor", () => {
  const descriptor = `[build]\nbuilder = "example.com/builder"\n[[build.buildpacks]]\nid = "some/id"\n[[build.env]]\nname = "A"\nvalue = "1"`;
  const files = { "other.toml": descriptor, "app.env": "A=2\n B=x=y\n\nC\nD\n" };
  const buildpacks = ["from=builder", "docker://example.com/bp:1", "a/b@1.0.0"];
  const pack = { descriptor: "other.toml", envFiles: ["app.env"], buildpacks, builder: "gcr.io/buildpacks/builder:v1" };
  const inputs = read(files, { pack, env: { C: "given" } });
  assert.deepEqual(inputs.env, { A: "2", B: "x=y", C: "given", D: "" });
  assert.equal(inputs.builder, undefined);
  assert.deepEqual(inputs.chosen.group, [
    { choice: { fromBuilder: true } },
    { image: "example.com/bp:1" },
    { choice: { id: "a/b", version: "1.0.0" } },
  ]);
});

test("what cannot be used is refused by name, and nothing outside the source is read", () => {
  const refused = (message: RegExp) => (error: unknown) => error instanceof Error && message.test(error.message);
  const cases: [RegExp, Record<string, string>, Changes["pack"]?][] = [
    [/cannot have both include and exclude/, { "project.toml": '[build]\ninclude = ["a"]\nexclude = ["b"]' }],
    [/schema version "1.0" is not supported/, { "project.toml": '[_]\nschema-version = "1.0"' }],
    [/project\.toml: build: builder must be a string/, { "project.toml": "[build]\nbuilder = 1" }],
    [/^project\.toml: /, { "project.toml": "not toml" }],
    [/neither in the source, nor in the builder/, {}, { buildpacks: ["https://example.com/bp.tgz"] }],
    [/neither in the source, nor in the builder/, {}, { buildpacks: ["urn:cnb:registry:a/b"] }],
    [/there is no buildpack in '\.\/outside'/, {}, { buildpacks: ["./outside"] }],
    [/there is no buildpack in '\.\.\/secret'/, {}, { buildpacks: ["../secret"] }],
    [/env file 'outside\.env'/, {}, { envFiles: ["outside.env"] }],
    [/no\.toml is not there/, {}, { descriptor: "no.toml" }],
  ];
  for (const [message, files, pack] of cases) assert.throws(() => read(files, pack ? { pack } : {}), refused(message));
  assert.throws(() => read({}, { pack: { descriptor: "no.toml" } }), BuildInputError);
});

test("builders of Google's stand for our own buildpacks", () => {
  const own = ["gcr.io/buildpacks/builder:google-22", "us-docker.pkg.dev/serverless-runtimes/google-22/builder/nodejs"];
  for (const name of own) assert.ok(isOwnBuilder(name), name);
  for (const name of [
    "paketobuildpacks/builder-jammy-base",
    "us-docker.pkg.dev/p/buildpacks/builder",
    "gcr.io/p/builder",
  ])
    assert.ok(!isOwnBuilder(name), name);
});
