import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { createBench, LAUNCH_WEB, PASS } from "./testing/lifecycle-bench.ts";

test("the first group that passes is built, in order, with its plan and without what failed to opt in", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  bench.buildpack("never", { detect: "exit 100", build: "exit 1" });
  bench.buildpack("node", {
    detect: `echo '[[provides]]
name = "node"' > "$CNB_BUILD_PLAN_PATH"`,
    build: `echo "plan: $(cat "$CNB_BP_PLAN_PATH" | tr '\\n' ' ')"
mkdir -p "$CNB_LAYERS_DIR/tool/bin" "$CNB_LAYERS_DIR/tool/env.build" "$CNB_LAYERS_DIR/scratch"
printf '#!/bin/sh\\necho from-tool' > "$CNB_LAYERS_DIR/tool/bin/tool"; chmod 755 "$CNB_LAYERS_DIR/tool/bin/tool"
printf x > "$CNB_LAYERS_DIR/tool/env.build/MODE.default"
echo '[types]
build = true' > "$CNB_LAYERS_DIR/tool.toml"`,
  });
  bench.buildpack("npm", {
    detect: `echo '[[requires]]
name = "node"
[requires.metadata]
version = "22"' > "$CNB_BUILD_PLAN_PATH"`,
    build: `tool; echo "MODE=$MODE SECRET=$SECRET_OF_THE_PLATFORM USER=$USER_SET"; ls "$CNB_LAYERS_DIR/../node"; ${LAUNCH_WEB}`,
  });
  bench.order("never node", "node never? npm");
  mkdirSync(join(temp.path, "platform/env"), { recursive: true });
  writeFileSync(join(temp.path, "platform/env/USER_SET"), "yes");
  const { status, log, result } = bench.run();
  assert.equal(status, 0, log);
  assert.deepEqual(
    result.group.map(({ id }) => id),
    ["node", "npm"],
  );
  assert.match(log, /plan: \[\[entries\]\] name = "node" +\[entries\.metadata\] version = "22"/);
  assert.match(log, /from-tool\nMODE=x SECRET= USER=yes\n/);
  assert.match(log, /scratch\.ignore/);
  assert.equal(result.defaultProcess, "web");
  assert.deepEqual(result.processes[0]?.args, ["A"]);
});

test("a launch layer without directory is taken from the previous build, environment and all", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  bench.buildpack("bp", {
    detect: PASS,
    build: `if [ -e "$CNB_LAYERS_DIR/deps.toml" ]; then echo "kept: $(grep key "$CNB_LAYERS_DIR/deps.toml")"
else mkdir -p "$CNB_LAYERS_DIR/deps/env.launch"; printf 1 > "$CNB_LAYERS_DIR/deps/env.launch/A"; fi
echo '[types]
launch = true
[metadata]
key = "k1"' > "$CNB_LAYERS_DIR/deps.toml"
${LAUNCH_WEB}`,
  });
  bench.order("bp");
  const first = bench.run().result;
  const [layer] = first.archives;
  assert.deepEqual(bench.files(layer!.diffId).slice(-2), [
    `${bench.layers.slice(1)}/bp/deps/env.launch/`,
    `${bench.layers.slice(1)}/bp/deps/env.launch/A`,
  ]);
  assert.match(bench.content(first.launcher, "cnb/lifecycle/launcher"), /^export A=1$/m);

  rmSync(bench.layers, { recursive: true });
  const record = { ...first.buildpacks[0]!.layers["deps"]!, present: false };
  const second = bench.run({ buildpacks: [{ key: "bp", layers: { deps: record } }] });
  assert.match(second.log, /kept: key = "k1"/);
  assert.match(second.log, /Reusing layer 'bp:deps'/);
  assert.equal(second.result.archives[0]?.diffId, layer?.diffId);
  assert.equal(second.result.archives[0]?.blob, undefined);
  assert.equal(second.result.launcher, first.launcher);
});

test("asking for a layer that no previous build made fails the export", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  bench.buildpack("bp", { detect: PASS, build: `printf '[types]\\nlaunch = true' > "$CNB_LAYERS_DIR/deps.toml"` });
  bench.order("bp");
  const { status, log } = bench.run();
  assert.equal(status, 62);
  assert.match(log, /layer 'bp:deps' is to be reused, but the previous image has no such layer/);
  bench.buildpack("bp", { build: `printf '[types]\\nlaunch = true\\ncache = true' > "$CNB_LAYERS_DIR/deps.toml"` });
  const cached = bench.run();
  assert.equal(cached.status, 62);
  assert.match(cached.log, /layer 'bp:deps' is cache=true but has no contents/);
});

test("cached layers get their metadata back only together with their content", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  bench.buildpack("bp", {
    detect: PASS,
    build: `ls "$CNB_LAYERS_DIR"; printf '[types]\\ncache = true' > "$CNB_LAYERS_DIR/there.toml"`,
  });
  bench.order("bp");
  const layer = { sha: `sha256:${"0".repeat(64)}`, data: {}, build: false, launch: false, cache: true };
  mkdirSync(join(bench.layers, "bp", "there"), { recursive: true });
  mkdirSync(join(bench.layers, "other", "old"), { recursive: true });
  const { log, result } = bench.run({
    buildpacks: [
      {
        key: "bp",
        layers: { there: { ...layer, present: true }, gone: { ...layer, present: false } },
        store: { a: 1 },
      },
      { key: "other", layers: { old: { ...layer, present: true } } },
    ],
  });
  assert.match(log, /store\.toml\nthere\nthere\.toml\n/);
  assert.doesNotMatch(log, /gone/);
  assert.deepEqual(readdirSync(bench.layers), ["bp"]);
  const kept = result.archives.find(({ launch }) => !launch);
  assert.deepEqual([kept?.diffId, kept?.blob], [layer.sha, undefined]);
});

test("slices take their files out of the application layer, and the same input gives the same layers", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  bench.buildpack("bp", {
    detect: PASS,
    build: `printf '[[slices]]\\npaths = ["node_modules", "static/*.css"]\\n[[slices]]\\npaths = ["node_modules/a"]' > "$CNB_LAYERS_DIR/launch.toml"`,
  });
  bench.order("bp");
  for (const path of ["node_modules/a/index.js", "static/x.css", "static/x.js", "index.js"]) {
    mkdirSync(dirname(join(bench.app, path)), { recursive: true });
    writeFileSync(join(bench.app, path), path);
  }
  const { result } = bench.run();
  const inApp = (index: number): string[] =>
    bench
      .files(result.app[index]!)
      .map((path) => path.slice(bench.app.length))
      .filter((path) => path && !path.endsWith("/"));
  assert.equal(result.app.length, 2);
  assert.deepEqual(inApp(0), ["node_modules/a/index.js", "static/x.css"]);
  assert.deepEqual(inApp(1), ["index.js", "static/x.js"]);
  assert.deepEqual(bench.run().result.archives, result.archives);
});

test("a failing buildpack ends the build with its output and the exit code of the phase", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  bench.buildpack("bp", { detect: PASS, build: "echo broken >&2; exit 3" });
  bench.order("bp");
  const { status, log } = bench.run();
  assert.equal(status, 51);
  assert.match(log, /broken\nERROR: failed to build: exit status 3\n$/);
});

test("when no group passes, the output of detection tells why", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  bench.buildpack("a", { detect: "echo no package.json; exit 100", build: PASS });
  bench.buildpack("b", { detect: "exit 7", build: PASS });
  bench.order("a");
  assert.equal(bench.run().status, 20);
  bench.order("a", "b");
  const { status, log } = bench.run();
  assert.equal(status, 21);
  assert.match(log, /======== Output: a@1\.0\.0 ========\nno package\.json\n/);
  assert.match(log, /err: {2}b@1\.0\.0 \(7\)\nERROR: No buildpack groups passed detection\./);
});

test("composite buildpacks are replaced by their groups, targets and API versions are checked", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  bench.buildpack("a", { detect: PASS, build: "echo built-a" });
  bench.buildpack("windows", { detect: PASS, build: "exit 1", toml: `[[targets]]\nos = "windows"` });
  const group = (id: string): string => `[[order]]\n[[order.group]]\nid = "${id}"\nversion = "1.0.0"\n`;
  bench.buildpack("both", { detect: "exit 1", build: "exit 1", toml: group("windows") + group("a") });
  bench.order("both");
  const { status, log } = bench.run();
  assert.equal(status, 0, log);
  assert.match(log, /built-a/);
  const toml = join(temp.path, "buildpacks/a/1.0.0/buildpack.toml");
  writeFileSync(toml, readFileSync(toml, "utf8").replace("0.10", "9.9"));
  assert.equal(bench.run().status, 12);
});
