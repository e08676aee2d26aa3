import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { ProcessRecord } from "./exchange.ts";
import { formatLauncher, readLaunchEnvironment } from "./launcher.ts";

function put(path: string, content: string, mode = 0o644): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const process_ = (type: string, command: string[], extra: Partial<ProcessRecord> = {}): ProcessRecord => ({
  type,
  command,
  args: [],
  direct: true,
  buildpackID: "bp",
  ...extra,
});

/** Writes a launcher with links for its processes and returns how to start one of them. */
function install(folder: string, processes: ProcessRecord[], layers: string[]) {
  const text = formatLauncher(processes, [layers.map((layer) => readLaunchEnvironment(layer))], folder);
  const launcher = put(join(folder, "launcher"), text, 0o755);
  for (const { type } of processes) symlinkSync(launcher, join(folder, type));
  return (name: string, args: string[] = [], env: Record<string, string> = {}) => {
    const path = { PATH: "/cnb/process:/usr/local/bin:/usr/bin:/bin" };
    const { status, stdout, stderr } = spawnSync(join(folder, name), args, {
      env: { ...path, ...env },
      encoding: "utf8",
    });
    return { status, stdout: stdout.trimEnd(), stderr };
  };
}

test("a process starts with the environment of the launch layers, applied to that of the container", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "launcher-"));
  const layer = join(temp.path, "layer");
  put(join(layer, "bin", "tool"), "#!/bin/sh\necho tool", 0o755);
  put(join(layer, "env", "MODE.default"), "production");
  put(join(layer, "env.launch", "OPTIONS.prepend"), "it's $HOME `x`");
  put(join(layer, "env.launch", "OPTIONS.delim"), " ");
  put(join(layer, "env.launch", "FORCED"), "new");
  put(join(layer, "env.launch", "TAIL.append"), "z");
  put(join(layer, "env.launch", "worker", "ONLY"), "worker");
  const show = ["sh", "-c", 'printf "%s\\n" "$MODE" "$OPTIONS" "$FORCED" "$TAIL" "$ONLY" "$PATH" "$CNB_APP_DIR"; pwd'];
  const start = install(temp.path, [process_("web", show), process_("worker", show)], [layer]);
  const path = `${layer}/bin:/usr/local/bin:/usr/bin:/bin`;
  assert.deepEqual(start("web").stdout.split("\n"), [
    "production",
    "it's $HOME `x`",
    "new",
    "z",
    "",
    path,
    "",
    temp.path,
  ]);
  const user = { MODE: "test", OPTIONS: "mine", FORCED: "old", TAIL: "a", CNB_APP_DIR: "/x" };
  const expected = ["test", "it's $HOME `x` mine", "new", "az", "worker", path, "", temp.path];
  assert.deepEqual(start("worker", [], user).stdout.split("\n"), expected);
});

test("arguments given to the container take the place of a process's default arguments", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "launcher-"));
  const processes = [
    process_("web", ["echo", "always"], { args: ["a b", "c"] }),
    process_("shell", ["echo $A &&", "echo two"], { direct: false, "working-dir": "/" }),
  ];
  const start = install(temp.path, processes, []);
  assert.equal(start("web").stdout, "always a b c");
  assert.equal(start("web", ["x y"]).stdout, "always x y");
  assert.equal(start("shell", ["three"], { A: "one" }).stdout, "one\ntwo three");
});

test("the launcher itself starts any command, with or without a shell", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "launcher-"));
  const start = install(temp.path, [], []);
  assert.equal(start("launcher", ["--", "echo", "$HOME"], { HOME: "/h" }).stdout, "$HOME");
  assert.equal(start("launcher", ["echo", "$HOME"], { HOME: "/h" }).stdout, "/h");
  const { status, stderr } = start("launcher");
  assert.equal(status, 82);
  assert.match(stderr, /no process to start/);
});

test("exec.d executables add variables before the process starts, and a failing one stops the start", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "launcher-"));
  const layer = join(temp.path, "layer");
  put(
    join(layer, "exec.d", "a"),
    `#!/bin/sh\necho log\necho 'A = "1 \\"2\\" $HOME"' >&3\nprintf '%s' 'B="1\\t2"' >&3`,
    0o755,
  );
  put(join(layer, "exec.d", "bad", "b"), "#!/bin/sh\nexit 1", 0o755);
  const show = ["sh", "-c", 'printf "%s|%s" "$A" "$B"'];
  const start = install(temp.path, [process_("web", show), process_("bad", show)], [layer]);
  assert.equal(start("web").stdout, 'log\n1 "2" $HOME|1\t2');
  assert.equal(start("bad").status, 80);
});
