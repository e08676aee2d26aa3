import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../platform/clock.ts";
import type { SandboxLimits } from "../../sandbox.ts";
import { processIdsIn, readCgroupFile, removeCgroupTree, valueOf, writeCgroupFileIfPresent } from "./cgroup-files.ts";
import { type Cgroup, type Cgroups, CPU_PERIOD_MICROSECONDS, cpuQuotaMicroseconds, cpuShares, LEAF } from "./cgroup.ts";

const CONTROLLERS = ["cpu", "memory", "pids"];
/** Where the processes of a container go whose own group has to hand controllers on. */
const HOST_GROUP = "homerun-host";

/** Control groups of version 2, mounted at `root`. */
export function cgroupsV2(root: string, parent: string, clock: Clock): Cgroups {
  const parentFolder = join(root, parent);
  let prepared: Promise<void> | undefined;

  function retryLater(error: unknown): never {
    prepared = undefined;
    throw error;
  }

  return {
    async create(id, limits) {
      await (prepared ??= prepare(root, parentFolder).catch(retryLater));
      const folder = join(parentFolder, id);
      const leaf = join(folder, LEAF);
      await mkdir(folder, { recursive: true });
      await handOnControllers(folder);
      await limitMemory(folder, limits);
      return {
        leafPath: join("/", parent, id, LEAF),
        processIds: () => processIdsIn(leaf),
        freeze: () => writeCgroupFileIfPresent(join(leaf, "cgroup.freeze"), "1"),
        thaw: () => writeCgroupFileIfPresent(join(leaf, "cgroup.freeze"), "0"),
        async setCpus(cpus) {
          await writeCgroupFileIfPresent(
            join(leaf, "cpu.max"),
            `${cpuQuotaMicroseconds(cpus)} ${CPU_PERIOD_MICROSECONDS}`,
          );
          await writeCgroupFileIfPresent(join(leaf, "cpu.weight"), `${cpuWeight(cpus)}`);
        },
        memoryUsedBytes: () => memoryUsed(folder),
        cpuUsedSeconds: () => cpuUsed(folder),
        ranOutOfMemory: async () => (await outOfMemoryKills(folder)) > 0,
        remove: () => removeTree(folder, clock),
      } satisfies Cgroup;
    },
    async removeAll() {
      prepared = undefined;
      await removeTree(parentFolder, clock);
    },
  };
}

async function prepare(root: string, parentFolder: string): Promise<void> {
  await handOnControllers(root).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EBUSY") throw error;
    await vacate(root);
    await handOnControllers(root);
  });
  await mkdir(parentFolder, { recursive: true });
  await handOnControllers(parentFolder);
}

async function handOnControllers(folder: string): Promise<void> {
  const file = join(folder, "cgroup.subtree_control");
  const on = (await readFile(file, "utf8")).split(/\s+/);
  const missing = CONTROLLERS.filter((controller) => !on.includes(controller));
  if (missing.length > 0)
    await writeFile(file, missing.map((controller) => `+${controller}`).join(" "), { flag: "r+" });
}

/** Inside a container the top group holds processes and then may not hand controllers on, so they move one level down. */
async function vacate(root: string): Promise<void> {
  const target = join(root, HOST_GROUP);
  await mkdir(target, { recursive: true });
  for (const pid of await processIdsIn(root)) {
    await writeFile(join(target, "cgroup.procs"), `${pid}`, { flag: "r+" }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ESRCH") throw error;
    });
  }
}

/** The runtime limits the leaf as well; the limit here is the one whose events outlive the leaf. */
async function limitMemory(folder: string, limits: SandboxLimits): Promise<void> {
  await writeFile(join(folder, "memory.max"), `${limits.memoryBytes}`, { flag: "r+" });
  await writeCgroupFileIfPresent(join(folder, "memory.swap.max"), "0");
}

async function memoryUsed(folder: string): Promise<number> {
  const [usage, stat] = await Promise.all([
    readCgroupFile(join(folder, "memory.current")),
    readCgroupFile(join(folder, "memory.stat")),
  ]);
  return Math.max(0, Number(usage ?? 0) - valueOf(stat ?? "", "inactive_file"));
}

async function cpuUsed(folder: string): Promise<number> {
  return valueOf((await readCgroupFile(join(folder, "cpu.stat"))) ?? "", "usage_usec") / 1e6;
}

async function outOfMemoryKills(folder: string): Promise<number> {
  return valueOf((await readCgroupFile(join(folder, "memory.events"))) ?? "", "oom_kill");
}

async function removeTree(folder: string, clock: Clock): Promise<void> {
  await writeCgroupFileIfPresent(join(folder, "cgroup.kill"), "1");
  await removeCgroupTree(folder, clock);
}

/** Shares of version 1 in the measure of version 2, as OCI runtimes convert them: 2..262144 become 1..10000. */
function cpuWeight(cpus: number): number {
  return Math.floor(1 + ((cpuShares(cpus) - 2) * 9999) / 262142);
}
