import { readFileSync, statfsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { type Sandbox, SandboxError, type Sandboxes, type SandboxSpec } from "../sandbox.ts";
import { type CgroupMounts, detectCgroups, type DetectedCgroups } from "./cgroups/detect-cgroups.ts";
import { dataFolderKey } from "../host/data-folder-key.ts";
import { createPipes } from "./pipes.ts";
import { startSandbox, type StartDeps } from "./start-sandbox.ts";

const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/;
/** statfs(2): the type of an overlay file system, which cannot carry the writable layer of another one. */
const OVERLAYFS_MAGIC = 0x794c7630;

export interface SandboxesDeps {
  /** Bundles and writable layers live below it; the name of the cgroup parent derives from it. */
  readonly dataDir: string;
  /** Path of the OCI runtime. */
  readonly runtime: string;
  readonly runtimeKind: "crun" | "runc" | "runsc";
  readonly clock: Clock;
  readonly log: Log;
}

/** Sandboxes of the machine's OCI runtime; disposing stops every container that is left. Needs root, and cgroups. */
export function createSandboxes(deps: SandboxesDeps): Sandboxes & AsyncDisposable {
  const folder = join(deps.dataDir, "sandboxes");
  const detected = detectCgroups(`homerun-${dataFolderKey(deps.dataDir)}`, deps.clock);
  const running = new Set<Sandbox>();
  const starting = new Set<Promise<unknown>>();
  let startDeps: Promise<StartDeps> | undefined;
  let stopped = false;

  async function start(spec: SandboxSpec): Promise<Sandbox> {
    if (!ID_PATTERN.test(spec.id)) throw new SandboxError(`${JSON.stringify(spec.id)} is no id of a sandbox`);
    const sandbox = await startSandbox(await (startDeps ??= prepare(deps, detected, folder)), spec);
    running.add(sandbox);
    void sandbox.exited.finally(() => running.delete(sandbox));
    return sandbox;
  }

  async function removeLeftovers(): Promise<void> {
    await detected.cgroups.removeAll();
    await rm(folder, { recursive: true, force: true });
    startDeps = undefined;
  }

  return {
    // gVisor takes the addresses of a namespace over into a network stack that belongs to one sandbox.
    separateNetworks: deps.runtimeKind === "runsc",
    async start(spec) {
      if (stopped) throw new SandboxError("the server is stopping");
      const started = start(spec);
      starting.add(started);
      return started.finally(() => starting.delete(started));
    },
    removeLeftovers,
    async [Symbol.asyncDispose]() {
      stopped = true;
      await Promise.allSettled(starting);
      await Promise.all([...running].map((sandbox) => sandbox[Symbol.asyncDispose]()));
      await removeLeftovers();
    },
  };
}

async function prepare(deps: SandboxesDeps, detected: DetectedCgroups, folder: string): Promise<StartDeps> {
  const bundlesDir = join(folder, "bundles");
  await mkdir(bundlesDir, { recursive: true, mode: 0o700 });
  const diskLayers = statfsSync(bundlesDir).type !== OVERLAYFS_MAGIC;
  if (!diskLayers)
    deps.log.warning("writable layers are kept in memory: the data folder lies on an overlay file system");
  return {
    ...deps,
    cgroups: detected.cgroups,
    host: { cgroupVersion: detected.version, maxOpenFiles: maxOpenFiles() },
    hiddenMount: deps.runtimeKind === "crun" ? mountThatCrunRefuses(detected.mounts) : undefined,
    pipes: createPipes(join(folder, "pipes")),
    bundlesDir,
    stateDir: join(folder, "runtime"),
    diskLayers,
  };
}

/** crun does not run where a version 2 tree with controllers is mounted beside the hierarchies of version 1. */
function mountThatCrunRefuses(mounts: CgroupMounts): string | undefined {
  if (mounts.unified === undefined || mounts.byController.size === 0) return undefined;
  const controllers = readFileSync(join(mounts.unified, "cgroup.controllers"), "utf8").trim();
  return controllers === "" ? undefined : mounts.unified;
}

/** The hard limit of this process (proc_pid_limits(5)). */
function maxOpenFiles(): number {
  const line = /^Max open files +\S+ +(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
  return line?.[1] === "unlimited" ? Infinity : Number(line?.[1]);
}
