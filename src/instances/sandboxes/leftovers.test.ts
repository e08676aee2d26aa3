import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../platform/clock.ts";
import { silentLog } from "../../platform/log.ts";
import { dataFolderKey } from "../host/data-folder-key.ts";
import { testTools } from "../host/testing/test-tools.ts";
import { createSandboxes } from "./sandboxes.ts";
import { makeHostLayer } from "./testing/host-layer.ts";
import { runTestSandbox, until } from "./testing/test-sandbox.ts";

const SERVER = fileURLToPath(new URL("testdata/server.ts", import.meta.url));
const layer = makeHostLayer();
after(() => layer[Symbol.dispose]());

for (const { kind, path } of (await testTools()).runtimes) {
  test(`nothing of a killed server keeps running, and the next one removes what is left (${kind})`, async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "homerun-killed-"));
    const groups = () => globSync(`/sys/fs/cgroup/**/homerun-${dataFolderKey(dataDir)}`);
    const processes = () =>
      groups()
        .flatMap((group) => globSync(`${group}/**/cgroup.procs`))
        .flatMap(lines);

    const server = spawn(process.execPath, [SERVER, dataDir, path, kind, layer.folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(server.stdout, "data");
    await until(() => new Set(processes()).size === 2);
    server.kill("SIGKILL");
    await until(() => processes().length === 0);
    assert.equal(readFileSync("/proc/self/mountinfo", "utf8").includes(dataDir), false);

    await using sandboxes = createSandboxes({
      dataDir,
      runtime: path,
      runtimeKind: kind,
      clock: systemClock,
      log: silentLog,
    });
    await sandboxes.removeLeftovers();
    assert.deepEqual(groups(), []);
    assert.equal(existsSync(join(dataDir, "sandboxes")), false);
    const next = await runTestSandbox(sandboxes, {
      id: "test-0",
      layers: [layer.folder],
      args: ["/bin/sh", "-c", "exit"],
    });
    assert.equal(next.exitCode, 0);
    rmSync(dataDir, { recursive: true });
  });
}

function lines(file: string): string[] {
  return readFileSync(file, "utf8").split("\n").filter(Boolean);
}
