import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { LifecycleResult, Selection } from "./exchange.ts";
import { createBench, LAUNCH_WEB } from "./testing/lifecycle-bench.ts";

test("buildpacks find what older Buildpack APIs gave them as arguments", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  bench.buildpack("old", {
    api: "0.7",
    detect: `[ "$1/$2" = "$CNB_PLATFORM_DIR/$CNB_BUILD_PLAN_PATH" ] && echo '[[or]]' >> "$2"`,
    build: `[ "$1 $2 $3" = "$CNB_LAYERS_DIR $CNB_PLATFORM_DIR $CNB_BP_PLAN_PATH" ] || exit 9
printf '[[processes]]\\ntype = "web"\\ncommand = "echo $A"\\nargs = ["b"]\\n' > "$1/launch.toml"`,
  });
  bench.order("old");
  const { status, log, result } = bench.run();
  assert.equal(status, 0, log);
  const [web] = result.processes;
  assert.deepEqual([web?.command, web?.direct, web?.["exec-env"]], [["echo $A"], false, ["*"]]);
});

test("the process type that the platform asks for is the default, and must be there", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  bench.buildpack("a", { build: LAUNCH_WEB });
  bench.buildpack("b", {
    build: LAUNCH_WEB.replace('"web"', '"other"').replace("default = true", ""),
  });
  bench.order("a b");
  assert.equal(bench.run().result.defaultProcess, "web");
  assert.equal(bench.run(undefined, { CNB_PROCESS_TYPE: "other" }).result.defaultProcess, "other");
  const { status, log } = bench.run(undefined, { CNB_PROCESS_TYPE: "none" });
  assert.equal(status, 62);
  assert.match(log, /tried to set none to default but it doesn't exist; process types: other, web/);
  // A process that is not the default takes the default's place: then there is none.
  bench.buildpack("b", { build: LAUNCH_WEB.replace("default = true", "") });
  assert.equal(bench.run().result.defaultProcess, undefined);
});

test("bills of materials are in the image's own layer and come back with their layers", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  bench.buildpack("a/b", {
    build: `cd "$CNB_LAYERS_DIR"; ls; mkdir -p deps tools
[ -e deps.sbom.cdx.json ] || { printf '{"deps": 1}' > deps.sbom.cdx.json; printf '{}' > launch.sbom.spdx.json; }
printf '{"tools": 1}' > tools.sbom.syft.json
printf '[types]\\nlaunch = true' > deps.toml; printf '[types]\\ncache = true' > tools.toml`,
  });
  renameSync(join(temp.path, "buildpacks/a"), join(temp.path, "buildpacks/a_"));
  renameSync(join(temp.path, "buildpacks/a_/b"), join(temp.path, "buildpacks/a_b"));
  bench.order("a/b");
  const { result, log } = bench.run();
  const folder = `${bench.layers.slice(1)}/sbom/launch/a_b`;
  const files = bench.files(result.sbom ?? log).filter((path) => path.endsWith(".json"));
  assert.deepEqual(files, [`${folder}/sbom.spdx.json`, `${folder}/deps/sbom.cdx.json`]);
  const { deps, tools } = result.buildpacks[0]!.layers;
  assert.deepEqual([Object.keys(deps?.sbom ?? {}), Object.keys(tools?.sbom ?? {})], [["cdx.json"], ["syft.json"]]);

  for (const { file, digest } of result.sboms) {
    mkdirSync(join(temp.path, "sboms"), { recursive: true });
    renameSync(join(bench.output, file), join(temp.path, "sboms", digest.replace(":", "-")));
  }
  rmSync(bench.layers, { recursive: true });
  const again = bench.run({ buildpacks: [{ key: "a/b", layers: { deps: { ...deps!, present: false } } }] });
  assert.match(again.log, /deps\.sbom\.cdx\.json\ndeps\.toml/);
  assert.doesNotMatch(again.log, /launch\.sbom/);
  assert.deepEqual(
    bench.files(again.result.sbom!).filter((path) => path.endsWith(".json")),
    files.slice(1),
  );
});

test("a project's choice of buildpacks and files replaces or surrounds the builder's", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  for (const id of ["a", "b", "system"]) bench.buildpack(id, { build: "echo I am $(basename $(dirname $PWD/x)); ls" });
  bench.order("a", "b");
  const own = join(bench.app, "own");
  mkdirSync(join(own, "bin"), { recursive: true });
  writeFileSync(join(own, "buildpack.toml"), 'api = "0.8"\n[buildpack]\nid = "own"\nversion = "2.0.0"\n');
  for (const name of ["detect", "build"]) writeFileSync(join(own, "bin", name), "#!/bin/sh\nexit 0", { mode: 0o755 });
  const system = (place: string): string => `[[system.${place}.buildpacks]]\nid = "system"\nversion = "1.0.0"\n`;
  writeFileSync(join(temp.path, "system.toml"), system("post"));
  const inline = { id: "script", version: "1.0.0", inline: { api: "0.10", shell: "/bin/sh", script: "echo inline" } };
  bench.select({ pre: [{ path: "own" }], post: [inline] });
  const ids = (result: LifecycleResult): string[] => result.group.map(({ id, version }) => `${id}@${version}`);
  const first = bench.run();
  assert.deepEqual(ids(first.result), ["own@2.0.0", "a@1.0.0", "script@1.0.0", "system@1.0.0"], first.log);
  assert.match(first.log, /\ninline\n/);
  bench.select({ group: [{ id: "b", version: "" }, { fromBuilder: true }] });
  assert.deepEqual(ids(bench.run().result), ["b@1.0.0", "a@1.0.0", "system@1.0.0"]);

  const source = join(temp.path, "source");
  for (const path of ["cmd/main.go", "cmd/test/x.go", "docs/x.md", "go.mod"]) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), "");
  }
  const appFiles = (selection: Selection): string[] => {
    rmSync(bench.app, { recursive: true });
    bench.select(selection);
    bench.run(undefined, { HOMERUN_SOURCE_DIR: source });
    return readdirSync(bench.app, { recursive: true }).map(String).sort();
  };
  assert.deepEqual(appFiles({ include: ["*.go", "!test/"] }), ["cmd", "cmd/main.go", "cmd/test", "cmd/test/x.go"]);
  assert.deepEqual(appFiles({ exclude: ["/cmd/test", "*.md"] }), ["cmd", "cmd/main.go", "docs", "go.mod"]);
});

test("a buildpack that lies in its files fails the build, by the name of the file", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  bench.buildpack("bp", {
    build: `printf '[types]\\nlaunch = true' > "$CNB_LAYERS_DIR/x.toml"; ln -s / "$CNB_LAYERS_DIR/x"`,
  });
  bench.order("bp");
  const { status, log } = bench.run();
  assert.equal(status, 1);
  assert.match(log, /\nERROR: \S+\/bp\/x is not a directory\n$/);
});

test("a detection that lies fails its buildpack, and an order that cannot be resolved the build", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  const plans = ["provides = 1", "[[requires]]\nmetadata = {}", '[[requires]]\nname = "a"\nversion = "1"', "[["];
  for (const plan of plans) {
    bench.buildpack("bp", { detect: `cat > "$CNB_BUILD_PLAN_PATH" <<'X'\n${plan}\nX` });
    bench.order("bp");
    assert.equal(bench.run().status, 21, plan);
    bench.buildpack("good", {});
    bench.order("bp? good");
    assert.deepEqual(
      bench.run().result.group.map(({ id }) => id),
      ["good"],
    );
  }
  const failing = (): string => {
    const { status, log } = bench.run();
    assert.equal(status, 1, log);
    return log;
  };
  const group = (id: string): string => `[[order]]\n[[order.group]]\nid = "${id}"\nversion = "1.0.0"\n`;
  bench.buildpack("one", { toml: group("two") });
  bench.buildpack("two", { toml: group("one") });
  bench.order("one");
  assert.match(failing(), /buildpack 'one' contains itself/);
  bench.buildpack("other", {});
  renameSync(join(temp.path, "buildpacks/other"), join(temp.path, "buildpacks/false"));
  bench.order("false");
  assert.match(failing(), /id is 'other', but it was found as 'false'/);
  bench.order("missing");
  assert.match(failing(), /buildpack 'missing@1\.0\.0' is not there/);
  bench.order("..");
  assert.match(failing(), /invalid buildpack id '\.\.'/);
  writeFileSync(join(temp.path, "order.toml"), '[[order-extensions]]\n[[order-extensions.group]]\nid = "x"');
  assert.match(failing(), /image extensions \(order-extensions\) are not supported/);
});

test("of one id the first in a group counts, whatever composite buildpacks bring", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  bench.buildpack("a", { build: "echo once" });
  bench.buildpack("b", { toml: '[[stacks]]\nid = "io.buildpacks.stacks.bionic"' });
  bench.buildpack("c", { toml: '[[targets]]\nos = "linux"\n[[targets.distros]]\nname = "example"\nversion = "1"' });
  const group = (...ids: string[]): string =>
    `[[order]]\n${ids.map((id) => `[[order.group]]\nid = "${id}"\nversion = "1.0.0"\n`).join("")}`;
  bench.buildpack("both", { toml: group("a", "b") + group("a", "c") });
  bench.order("a both");
  const distro = { CNB_TARGET_DISTRO_NAME: "example", CNB_TARGET_DISTRO_VERSION: "1" };
  const { result, log } = bench.run(undefined, distro);
  assert.deepEqual(
    result.group.map(({ id }) => id),
    ["a", "c"],
    log,
  );
  const elsewhere = bench.run(undefined, { ...distro, CNB_TARGET_DISTRO_VERSION: "2" });
  assert.equal(elsewhere.status, 20);
  assert.match(elsewhere.log, /c@1\.0\.0 does not support linux\/example\/2/);
});

test("an optional buildpack takes part by its last alternative where nobody requires what the first provides", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  const detect = `printf '[[provides]]\\nname = "node"\\n[[or]]\\n' > "$CNB_BUILD_PLAN_PATH"`;
  bench.buildpack("optional", { detect, build: "echo took part" });
  bench.buildpack("broken", { detect: "echo out of order; exit 3" });
  bench.buildpack("web", { build: LAUNCH_WEB });
  bench.order("optional? broken? web");
  const { status, log } = bench.run();
  assert.equal(status, 0, log);
  assert.match(log, /^======== Output: broken@1\.0\.0 ========\nout of order\nerr: {2}broken@1\.0\.0 \(3\)$/m);
  assert.match(log, /^took part$/m);
});

test("a plan that does not come out says which buildpack lacks what", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "lifecycle-"));
  const bench = createBench(temp.path);
  bench.buildpack("node", { detect: `printf '[[provides]]\\nname = "npm"' > "$CNB_BUILD_PLAN_PATH"` });
  bench.buildpack("other", { detect: "exit 100" });
  bench.order("node other?", "node other");
  const { status, log } = bench.run();
  assert.equal(status, 20);
  const passed = "======== Results ========\npass: node@1.0.0\n";
  const first = `${passed}skip: other@1.0.0\nResolving plan... (try #1)\nfail: node@1.0.0 provides unused npm\n`;
  assert.ok(log.includes(`${first}${passed}fail: other@1.0.0\nERROR: No buildpack groups`), log);
});
