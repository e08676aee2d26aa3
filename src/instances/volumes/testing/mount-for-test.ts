import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "../../../platform/clock.ts";
import { silentLog } from "../../../platform/log.ts";
import type { BucketVolume, SecretVolume } from "../../workload.ts";
import { fuseVolumes, type FuseVolumesDeps } from "../fuse-volumes.ts";
import type { MountedVolume } from "../volumes.ts";

const run = promisify(execFile);

/** Whom the volumes of tests read and write as. */
export const TEST_ACCOUNT = "robot@demo.iam.gserviceaccount.com";

/** A volume that is mounted in a temporary folder, which disposing removes. */
export interface TestVolume extends MountedVolume {
  /**
   * Runs a shell script in the volume, as a user (root by default), and resolves with what it wrote to stdout and
   * stderr. Never touches the volume from this process, which may be the one that serves it.
   */
  sh(script: string, user?: number): Promise<string>;
  /** Process ids of what serves the volume. */
  daemons(): Promise<number[]>;
}

export type TestVolumeDeps = Partial<FuseVolumesDeps>;

/** Mounts a volume as an instance would have it. */
export async function mountForTest(
  volume: SecretVolume | BucketVolume,
  deps: TestVolumeDeps = {},
): Promise<TestVolume> {
  const folder = await mkdtemp(join(tmpdir(), "homerun-volume-"));
  await chmod(folder, 0o755);
  const mounter = fuseVolumes({
    identity: { accessToken: async () => ({ token: "test", expiresInSeconds: 3600 }) },
    accessSecret: async () => Promise.reject(new Error("no secrets")),
    storageUrl: () => "http://127.0.0.1:1",
    compileCache: join(tmpdir(), "homerun-test-compiled"),
    clock: systemClock,
    log: silentLog,
    ...deps,
  });
  const instance = {
    id: "test",
    project: { id: "demo", number: "123" },
    location: "us-central1",
    serviceAccountEmail: TEST_ACCOUNT,
    network: { address: "127.0.0.1", gateway: "127.0.0.1" },
    folder,
    signal: new AbortController().signal,
  };
  const mounted = await mounter.mount(volume, instance).catch(async (error: unknown) => {
    await rm(folder, { recursive: true });
    throw error;
  });
  return {
    ...mounted,
    sh: (script, user = 0) => shell(mounted.source, script, user),
    daemons: daemonsOfThisProcess,
    async [Symbol.asyncDispose]() {
      await mounted[Symbol.asyncDispose]();
      if (await isMounted(folder)) throw new Error(`${folder} is mounted still`);
      await rm(folder, { recursive: true });
    },
  };
}

/** Whether the kernel has a mount in a folder. */
export async function isMounted(folder: string): Promise<boolean> {
  return (await readFile("/proc/self/mountinfo", "utf8")).includes(` ${folder}/`);
}

async function shell(folder: string, script: string, user: number): Promise<string> {
  const ids = ["--reuid", String(user), "--regid", String(user), "--clear-groups"];
  const { stdout, stderr } = await run("setpriv", [...ids, "sh", "-c", `cd "$1" || exit\n${script}`, "sh", folder], {
    maxBuffer: 16 * 1024 * 1024,
  }).catch((error: { stdout: string; stderr: string }) => error);
  return stdout + stderr.replaceAll(/^.*?sh: \d+: |^sh: \d+: /gm, "");
}

/** Process ids of the daemons that this process started. */
export async function daemonsOfThisProcess(): Promise<number[]> {
  const { stdout } = await run("ps", ["-o", "pid=,args=", "--ppid", String(process.pid)]);
  const lines = stdout.split("\n").filter((line) => line.includes("volumes/daemon/main.ts"));
  return lines.map((line) => Number.parseInt(line, 10));
}
