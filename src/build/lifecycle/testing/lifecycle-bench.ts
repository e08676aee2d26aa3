import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LifecycleResult, RestoreRequest, Selection } from "../exchange.ts";

/** Runs of the lifecycle as a plain process, all its folders below `root`. */
export interface LifecycleBench {
  readonly root: string;
  readonly app: string;
  readonly layers: string;
  readonly output: string;
  buildpack(id: string, scripts: { detect?: string; build?: string; toml?: string; api?: string }): void;
  order(...groups: string[]): void;
  /** What the project asks for. */
  select(selection: Selection): void;
  run(
    restore?: RestoreRequest,
    extra?: Record<string, string>,
  ): { status: number | null; log: string; result: LifecycleResult };
  files(diffId: string): string[];
  content(diffId: string, path: string): string;
}

function environment(at: (...parts: string[]) => string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: at("home"),
    CNB_APP_DIR: at("app"),
    CNB_LAYERS_DIR: at("layers"),
    CNB_PLATFORM_DIR: at("platform"),
    CNB_BUILDPACKS_DIR: at("buildpacks"),
    CNB_BUILD_CONFIG_DIR: at("build-config"),
    CNB_ORDER_PATH: at("order.toml"),
    CNB_SYSTEM_PATH: at("system.toml"),
    HOMERUN_RESTORE_SBOMS_DIR: at("sboms"),
    HOMERUN_BUILDPACK_SOURCES_DIR: at("app"),
    HOMERUN_SELECTION_PATH: at("selection.json"),
    CNB_USER_ID: "1000",
    CNB_GROUP_ID: "1000",
    CNB_TARGET_OS: "linux",
    HOMERUN_OUTPUT_DIR: at("output"),
    SECRET_OF_THE_PLATFORM: "not for buildpacks",
  };
}

/** A bench in an empty folder. */
export function createBench(root: string): LifecycleBench {
  const at = (...parts: string[]): string => join(root, ...parts);
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  };
  const archive = (diffId: string): string => at("output", `${diffId.replace(":", "-")}.tar.gz`);
  const env = environment(at);
  mkdirSync(at("app"));
  writeFileSync(at("selection.json"), "{}");
  return {
    root,
    app: at("app"),
    layers: at("layers"),
    output: at("output"),
    buildpack(id, { detect = PASS, build = PASS, toml = "", api = "0.10" }) {
      const folder = at("buildpacks", id, "1.0.0");
      write(join(folder, "buildpack.toml"), `api = "${api}"\n[buildpack]\nid = "${id}"\nversion = "1.0.0"\n${toml}`);
      for (const [name, body] of Object.entries({ detect, build })) {
        write(join(folder, "bin", name), `#!/bin/sh\nset -e\n${body}\n`);
        chmodSync(join(folder, "bin", name), 0o755);
      }
    },
    order(...groups) {
      const elements = (group: string): string =>
        group
          .split(" ")
          .map(
            (id) =>
              `[[order.group]]\nid = "${id.replace("?", "")}"\nversion = "1.0.0"\noptional = ${id.endsWith("?")}\n`,
          )
          .join("");
      writeFileSync(at("order.toml"), groups.map((group) => `[[order]]\n${elements(group)}`).join(""));
    },
    select: (selection) => writeFileSync(at("selection.json"), JSON.stringify(selection)),
    run(restore, more = {}) {
      rmSync(at("output"), { recursive: true, force: true });
      mkdirSync(at("output"));
      if (restore) writeFileSync(at("restore.json"), JSON.stringify(restore));
      const given = restore ? { HOMERUN_RESTORE_PATH: at("restore.json") } : {};
      const main = join(import.meta.dirname, "..", "main.ts");
      const { status, stdout, stderr } = spawnSync(process.execPath, [main], {
        env: { ...env, ...given, ...more },
        encoding: "utf8",
      });
      const result = status === 0 ? readFileSync(at("output", "result.json"), "utf8") : "{}";
      return { status, log: stdout + stderr, result: JSON.parse(result) as LifecycleResult };
    },
    files: (diffId) =>
      tar(["tzf", archive(diffId)])
        .split("\n")
        .filter(Boolean),
    content: (diffId, path) => tar(["xzOf", archive(diffId), path.replace(/^\//, "")]),
  };
}

function tar(args: string[]): string {
  const { status, stdout, stderr } = spawnSync("tar", args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** bin/detect of a buildpack that always takes part. */
export const PASS = "exit 0";
/** bin/build of a buildpack with one process, which is the default. */
export const LAUNCH_WEB = `cat > "$CNB_LAYERS_DIR/launch.toml" <<X
[[processes]]
type = "web"
command = ["printenv"]
args = ["A"]
default = true
X`;
