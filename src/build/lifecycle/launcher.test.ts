import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { readLaunchEnvironment } from "./launch-environment.ts";
import type { LaunchProcess } from "./launch-metadata.ts";
import { formatLauncher } from "./launcher.ts";

function put(path: string, content: string, mode = 0o644): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const process_ = (type: string, command: string[], extra: Partial<LaunchProcess> = {}): LaunchProcess => ({
  type,
  command,
  args: [],
  direct: true,
  buildpackID: "bp",
  "exec-env": ["*"],
  replacesArgs: true,
  ...extra,
});

/** Writes a launcher with links for its processes and returns how to start one of them. */
function install(folder: string, processes: LaunchProcess[], layers: string[]) {
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
    process_("old", ["echo"], { args: ["a"], replacesArgs: false }),
    process_("elsewhere", ["pwd"], { "working-dir": "/usr" }),
    process_("test", ["echo"], { "exec-env": ["test", "development"] }),
  ];
  const start = install(temp.path, processes, []);
  assert.equal(start("web").stdout, "always a b c");
  assert.equal(start("web", ["x y"]).stdout, "always x y");
  assert.equal(start("old", ["b"]).stdout, "a b");
  assert.equal(start("elsewhere").stdout, "/usr");
  assert.match(start("test").stderr, /the process test is not for this execution environment/);
  assert.equal(start("test", ["1"], { CNB_EXEC_ENV: "test" }).stdout, "1");
});

test("processes that a shell starts are scripts without arguments, else words; profile scripts come first", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "launcher-"));
  const layer = join(temp.path, "layer");
  put(join(layer, "profile.d", "a.sh"), "export A=$A,layer");
  put(join(layer, "profile.d", "words", "b.sh"), "export A=$A,words");
  put(join(temp.path, ".profile"), `export A="$A,it's the app in $(pwd)"; B=$0`);
  const old = { direct: false, replacesArgs: false };
  const processes = [
    process_("script", ["echo $A && echo $(pwd)"], { ...old, "working-dir": "/usr" }),
    process_("words", ["echo"], { ...old, args: ["$A", String.raw`"a  b" 'c' \$A`] }),
  ];
  const start = install(temp.path, processes, [layer]);
  const app = `it's the app in ${temp.path}`;
  assert.equal(start("script", [], { A: "1" }).stdout, `1,layer,${app}\n/usr`);
  assert.equal(start("words", ["d"], { A: "1" }).stdout, `1,layer,words,${app} a b 'c' $A d`);
});

test("variables of a process come behind those of its own layer, and before those of later buildpacks", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "launcher-"));
  const layers = ["first", "second"].map((name) => join(temp.path, name));
  for (const layer of layers) {
    put(join(layer, "env.launch", "ORDER.append"), `${basename(layer)},`);
    put(join(layer, "env.launch", "web", "ORDER.append"), `${basename(layer)} web,`);
  }
  const start = install(temp.path, [process_("web", ["printenv", "ORDER"])], layers);
  assert.equal(start("web").stdout, "first,first web,second,second web,");
});

test("the launcher itself starts any command, with or without a shell", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "launcher-"));
  const start = install(temp.path, [], []);
  assert.equal(start("launcher", ["--", "echo", "$HOME"], { HOME: "/h" }).stdout, "$HOME");
  assert.equal(start("launcher", ["echo", "$HOME"], { HOME: "/h" }).stdout, "/h");
  const { status, stderr } = start("launcher");
  assert.equal(status, 82);
  assert.match(stderr, /no process to start/);
  const unknown = start("launcher", ["--", "no-such-command"]);
  assert.deepEqual(
    [unknown.status, unknown.stderr.trim()],
    [82, "ERROR: failed to launch: no-such-command: command not found"],
  );
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
