import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { removeMounts } from "../mounts/host-mounts.ts";
import { until } from "../sandboxes/testing/test-sandbox.ts";

const SERVER = fileURLToPath(new URL("testdata/server.ts", import.meta.url));
const run = promisify(execFile);

async function mountsIn(folder: string): Promise<string[]> {
  const lines = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
  return lines.map((line) => line.split(" ")[4] ?? "").filter((point) => point.startsWith(`${folder}/`));
}

async function daemonsOf(server: number): Promise<number[]> {
  const { stdout } = await run("ps", ["-o", "pid=,args=", "--ppid", String(server)]);
  const lines = stdout.split("\n").filter((line) => line.includes("daemon/main.ts"));
  return lines.map((line) => Number.parseInt(line, 10));
}

test("volumes of a killed server go with it, and what a killed daemon leaves goes at the next start", async () => {
  const folder = await mkdtemp(join(tmpdir(), "homerun-killed-volumes-"));
  const server = spawn(process.execPath, [SERVER, folder], { stdio: ["ignore", "pipe", "inherit"] });
  await once(server.stdout, "data");
  assert.deepEqual(await mountsIn(folder), [`${folder}/one/mount`, `${folder}/two/mount`]);
  const daemons = await daemonsOf(server.pid!);
  assert.equal(daemons.length, 2);

  process.kill(daemons[0]!, "SIGKILL");
  server.kill("SIGKILL");
  await until(() => daemons.every((pid) => !existsSync(`/proc/${pid}`)));
  assert.deepEqual(await mountsIn(folder), [`${folder}/one/mount`]);
  await removeMounts(folder);
  assert.deepEqual(await mountsIn(folder), []);
  assert.equal(existsSync(folder), false);
});
