import assert from "node:assert/strict";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { systemClock } from "../../platform/clock.ts";
import { silentLog } from "../../platform/log.ts";
import { dataFolderKey } from "../host/data-folder-key.ts";
import { testTools } from "../host/testing/test-tools.ts";
import { SandboxError } from "../sandbox.ts";
import { createSandboxes } from "./sandboxes.ts";
import { makeHostLayer } from "./testing/host-layer.ts";
import { runTestSandbox, startTestSandbox, testSpec, until } from "./testing/test-sandbox.ts";

const MIB = 1024 * 1024;
const layer = makeHostLayer();
const layers = [layer.folder];
const root = { uid: 0, gid: 0 };
after(() => layer[Symbol.dispose]());

for (const { kind, path } of (await testTools()).runtimes) {
  describe(`sandboxes on ${kind}`, () => suite(kind, path));
}

function suite(runtimeKind: "crun" | "runc", runtime: string) {
  const dataDir = mkdtempSync(join(tmpdir(), "homerun-sandboxes-"));
  const sandboxes = createSandboxes({ dataDir, runtime, runtimeKind, clock: systemClock, log: silentLog });
  const run = (args: readonly string[], spec = {}) => runTestSandbox(sandboxes, { layers, args, ...spec });
  const sh = (script: string, spec = {}) => run(["/bin/sh", "-c", script], spec);
  const node = (script: string, spec = {}) => run(["/bin/node", "-e", script], spec);
  const groups = () => globSync(`/sys/fs/cgroup/**/homerun-${dataFolderKey(dataDir)}/*/`);
  after(async () => {
    await sandboxes[Symbol.asyncDispose]();
    assert.deepEqual(groups(), []);
    rmSync(dataDir, { recursive: true });
  });

  test("runs arguments with environment, folder, user and host name", async () => {
    const { stdout, stderr, exitCode } = await sh(`echo "$A" "$(pwd)" "$(id -u):$(id -g)" $$; echo no >&2; exit 7`, {
      env: { PATH: "/bin", A: 'with "quotes" and $dollars' },
      cwd: "/tmp",
      user: { uid: 1234, gid: 99 },
    });
    assert.equal(stdout, 'with "quotes" and $dollars /tmp 1234:99 1\n');
    assert.equal(stderr, "no\n");
    assert.equal(exitCode, 7);
    assert.equal((await node("console.log(os.hostname())", { hostname: "box" })).stdout, "box\n");
  });

  test("hands over output that is opened by name, and all of it", async () => {
    const { stdout, stderr } = await sh("echo one > /dev/stdout; echo two > /dev/stderr");
    assert.deepEqual([stdout, stderr], ["one\n", "two\n"]);
    const big = await node('for (let i = 0; i < 3000; i++) process.stdout.write("x".repeat(1000))');
    assert.equal(big.stdout.length, 3_000_000);
  });

  test("has the layers in order, and its own writable one on top", async () => {
    const upper = mkdtempSync(join(tmpdir(), "homerun-layer-"));
    mkdirSync(join(upper, "etc"));
    writeFileSync(join(upper, "etc/name"), "upper");
    writeFileSync(join(layer.folder, "etc/name"), "lower");
    const between = Array.from({ length: 120 }, () => mkdtempSync(join(tmpdir(), "homerun-layer-")));
    const many = await sh("cat /etc/name; touch /etc/new && ls /etc", {
      layers: [...layers, ...between, upper],
      user: root,
    });
    assert.match(many.stdout, /^upper.*new/s);
    assert.equal(existsSync(join(upper, "etc/new")) || existsSync(join(layer.folder, "etc/new")), false);
    for (const folder of [upper, ...between]) rmSync(folder, { recursive: true });
  });

  test("writes its root file system in memory, on disk, or not at all", async () => {
    const write = "echo data > /file; cat /file; echo more > /tmp/file; cat /tmp/file";
    for (const writableRoot of ["memory", "disk"]) {
      assert.equal((await sh(write, { writableRoot, user: root })).stdout, "data\nmore\n");
    }
    const denied = await sh(write, { writableRoot: "no", user: root });
    assert.match(denied.stderr, /Read-only file system/);
    assert.equal(denied.stdout, "more\n");
  });

  test("mounts what it is given", async () => {
    const folder = mkdtempSync(join(tmpdir(), "homerun-mount-"));
    writeFileSync(join(folder, "file"), "mounted\n");
    const mounts = [
      { source: folder, destination: "/readable", readOnly: true },
      { source: folder, destination: "/writable", readOnly: false },
    ];
    const script = "cat /readable/file; echo a > /readable/a; echo b > /writable/b";
    const { stdout, stderr } = await sh(script, { mounts, user: root });
    assert.equal(stdout, "mounted\n");
    assert.match(stderr, /a: Read-only file system/);
    assert.equal(readFileSync(join(folder, "b"), "utf8"), "b\n");
    rmSync(folder, { recursive: true });
  });

  test("resolves names as told", async () => {
    const resolver = { nameserver: "10.0.0.53", hosts: { "metadata.google.internal": "169.254.169.254" } };
    const { stdout } = await sh("cat /etc/resolv.conf /etc/hosts", { resolver });
    assert.match(stdout, /^nameserver 10\.0\.0\.53\n/);
    assert.match(stdout, /^169\.254\.169\.254 metadata\.google\.internal$/m);
    assert.match(stdout, /^127\.0\.0\.1 localhost$/m);
  });

  test("sees nothing of the host", async () => {
    const files = await sh("ls /; ls /proc | while read name; do case $name in [0-9]*) echo pid;; esac; done");
    assert.match(files.stdout, /^bin\ndev\netc\n/);
    assert.equal(files.stdout.includes("work") || files.stdout.includes("root"), false);
    assert.ok(files.stdout.split("pid").length < 5, "only its own processes are visible");
    const network = await node("console.log(JSON.stringify(Object.keys(os.networkInterfaces())))");
    assert.equal(network.stdout.trim(), '["lo"]');
    const kernel = await sh("cat /proc/kcore; cat /sys/firmware/x; echo 1 > /proc/sys/kernel/panic", { user: root });
    assert.match(kernel.stderr, /Read-only file system/);
    assert.equal(kernel.stdout, "");
  });

  test("has no privileges, and root has few", async () => {
    const status =
      "while read name value; do case $name in CapEff:|CapBnd:|NoNewPrivs:|Seccomp:) echo $value;; esac; done";
    const user = await sh(`${status} < /proc/self/status`);
    assert.deepEqual(user.stdout.trim().split("\n"), ["0000000000000000", "0000000000000000", "1", "2"]);
    const superUser = await sh(`${status} < /proc/self/status`, { user: root });
    assert.deepEqual(superUser.stdout.trim().split("\n"), ["00000000800405fb", "00000000800405fb", "1", "2"]);
    const attempts = "mount -t tmpfs none /tmp; unshare -m true; unshare -U true; touch /tmp/x && echo alive";
    const refused = await sh(attempts, { user: root });
    assert.equal(refused.stdout, "alive\n");
    assert.match(refused.stderr, /mount: .*(permission denied|not permitted)/i);
    assert.equal(refused.stderr.match(/unshare failed: Operation not permitted/g)?.length, 2);
  });

  test("is told of its limits, and held to them", async () => {
    const limits = { memoryBytes: 128 * MIB, cpus: 0.5, pids: 20 };
    const script =
      "console.log(process.constrainedMemory()); const c = require('child_process');" +
      "let failed = 0; for (let i = 0; i < 40; i++) c.spawn('/bin/sleep', ['100']).on('error', () => failed++);" +
      "setTimeout(() => { console.log(failed > 20); process.exit(0); }, 50)";
    const { stdout } = await node(script, { limits });
    assert.deepEqual(stdout.trim().split("\n"), [`${128 * MIB}`, "true"]);
  });

  test("is killed when it uses more memory than it may, /tmp included", async () => {
    const limits = { memoryBytes: 96 * MIB, cpus: 1, pids: 20 };
    const killed = { exitCode: null, signal: "SIGKILL", outOfMemory: true };
    const heap = await node("const b = []; for (;;) b.push(Buffer.alloc(1e6, 1))", { limits });
    assert.deepEqual({ ...heap, stdout: "", stderr: "" }, { ...killed, stdout: "", stderr: "" });
    const file = await node("for (;;) fs.appendFileSync('/tmp/f', Buffer.alloc(1e6, 1))", { limits });
    assert.deepEqual({ ...file, stdout: "", stderr: "" }, { ...killed, stdout: "", stderr: "" });
    const child = await sh("node -e 'const b = []; for (;;) b.push(Buffer.alloc(1e6, 1))'; exit $?", { limits });
    assert.deepEqual({ ...child, stdout: "", stderr: "" }, { ...killed, stdout: "", stderr: "" });
  });

  test("reports how it ended", async () => {
    const plain = { outOfMemory: false, stdout: "", stderr: "" };
    assert.deepEqual(await sh("exit 0"), { exitCode: 0, signal: null, ...plain });
    assert.deepEqual(await sh("exit 255"), { exitCode: 255, signal: null, ...plain });
    const aborted = await node("process.abort()");
    assert.deepEqual({ ...aborted, stderr: "" }, { exitCode: null, signal: "SIGSEGV", ...plain });
  });

  test("gets signals, and their default effect where it handles none", async () => {
    const handler = "process.on('SIGTERM', () => process.exit(5)); console.log('ready'); setInterval(() => {}, 1000)";
    await using handling = await startTestSandbox(sandboxes, { layers, args: ["/bin/node", "-e", handler] });
    await handling.printed("ready");
    await handling.sandbox.kill("SIGTERM");
    assert.deepEqual(await handling.sandbox.exited, { exitCode: 5, signal: null, outOfMemory: false });
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      await using other = await startTestSandbox(sandboxes, { layers, args: ["/bin/sleep", "100"] });
      await other.sandbox.kill(signal);
      assert.deepEqual(await other.sandbox.exited, { exitCode: null, signal, outOfMemory: false });
      await other.sandbox.kill(signal);
      await other.sandbox.pause();
      await other.sandbox.setCpus(1);
      await other.sandbox.memoryUsedBytes();
    }
  });

  test("stops while paused, and can be killed then", async () => {
    const ticking = "setInterval(() => fs.writeSync(1, '.'), 5)";
    await using ticker = await startTestSandbox(sandboxes, { layers, args: ["/bin/node", "-e", ticking] });
    await ticker.printed("...");
    await ticker.sandbox.pause();
    let before = 0;
    await until(async () => {
      before = ticker.stdout().length;
      await systemClock.sleep(100);
      return ticker.stdout().length === before;
    });
    await ticker.sandbox.resume();
    await until(() => ticker.stdout().length > before);
    await ticker.sandbox.pause();
    await ticker.sandbox.kill("SIGTERM");
    assert.equal((await ticker.sandbox.exited).signal, "SIGTERM");
  });

  test("gets more or less CPU while it runs, and says how much memory and CPU time it uses", async () => {
    const folder = mkdtempSync(join(tmpdir(), "homerun-mount-"));
    const mounts = [{ source: folder, destination: "/mnt", readOnly: true }];
    const script = `
      const files = ["cpu.max", "cpu/cpu.cfs_quota_us", "cpu,cpuacct/cpu.cfs_quota_us"];
      const quota = () => files.map((file) => "/sys/fs/cgroup/" + file).filter(fs.existsSync).map((file) => fs.readFileSync(file, "utf8"))[0];
      const first = quota();
      console.log("ready");
      setInterval(() => fs.existsSync("/mnt/go") && process.exit(console.log(parseInt(first), parseInt(quota()))), 5);`;
    await using busy = await startTestSandbox(sandboxes, {
      layers,
      user: root,
      args: ["/bin/node", "-e", script],
      mounts,
    });
    await busy.printed("ready");
    assert.ok((await busy.sandbox.memoryUsedBytes()) > 5 * MIB);
    const usedSeconds = await busy.sandbox.cpuUsedSeconds();
    assert.ok(usedSeconds > 0.01 && usedSeconds < 30, String(usedSeconds));
    await busy.sandbox.setCpus(0.25);
    writeFileSync(join(folder, "go"), "");
    await busy.sandbox.exited;
    assert.equal(busy.stdout(), "ready\n100000 25000\n");
    rmSync(folder, { recursive: true });
  });

  test("says why it does not start, and leaves nothing behind", async () => {
    const before = groups().length;
    const start = (spec = {}) => sandboxes.start(testSpec({ layers, args: ["/bin/none"], ...spec }));
    await assert.rejects(start({ id: "broken" }), (error) => {
      assert.ok(error instanceof SandboxError);
      return /none.*(not found|no such file)/i.test(error.message);
    });
    assert.equal(existsSync(join(dataDir, "sandboxes/bundles/broken")), false);
    assert.equal(groups().length, before);
    await assert.rejects(start({ layers: ["/nonexistent"] }), SandboxError);
    await assert.rejects(start({ id: "../x" }), SandboxError);
    await using _first = await startTestSandbox(sandboxes, { id: "twice", layers, args: ["/bin/sleep", "100"] });
    await assert.rejects(start({ id: "twice" }), /twice exists already/);
  });

  test("leaves nothing behind when it has ended or was disposed", async () => {
    const ended = await startTestSandbox(sandboxes, { id: "ended", layers, args: ["/bin/sh", "-c", "exit"] });
    await ended.sandbox.exited;
    await ended[Symbol.asyncDispose]();
    const killed = await startTestSandbox(sandboxes, { id: "killed", layers, args: ["/bin/sleep", "100"] });
    await killed[Symbol.asyncDispose]();
    for (const id of ["ended", "killed"]) {
      assert.equal(existsSync(join(dataDir, "sandboxes/bundles", id)), false);
      assert.deepEqual(globSync(`/sys/fs/cgroup/**/homerun-${dataFolderKey(dataDir)}/${id}`), []);
    }
    assert.equal(readFileSync("/proc/self/mountinfo", "utf8").includes(dataDir), false);
  });
}
