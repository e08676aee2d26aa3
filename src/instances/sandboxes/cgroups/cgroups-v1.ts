import { globSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../platform/clock.ts";
import type { SandboxLimits } from "../../sandbox.ts";
import { processIdsIn, readCgroupFile, removeCgroupTree, valueOf, writeCgroupFileIfPresent } from "./cgroup-files.ts";
import { type Cgroup, type Cgroups, cpuQuotaMicroseconds, cpuShares, LEAF } from "./cgroup.ts";

/** The parent's limit lies this much below the leaf's, so that the parent, which outlives the leaf, counts the failures. */
const PARENT_MARGIN_BYTES = 64 * 1024;
/** The largest page size there is. */
const PAGE_BYTES = 64 * 1024;

/**
 * Control groups of version 1. `mounts` has the mount point of every controller, and of named hierarchies; `unified` is
 * the version 2 tree beside them, if any, in which some runtimes make a group too.
 */
export function cgroupsV1(
  mounts: ReadonlyMap<string, string>,
  unified: string | undefined,
  parent: string,
  clock: Clock,
): Cgroups {
  const roots = [...new Set([...mounts.values(), ...(unified === undefined ? [] : [unified])])];
  const memory = join(mountOf(mounts, "memory"), parent);
  const freezer = join(mountOf(mounts, "freezer"), parent);
  const cpu = join(mountOf(mounts, "cpu"), parent);
  const cpuTime = join(mountOf(mounts, "cpuacct"), parent);

  async function removeEverywhere(path: string) {
    await thawBelow(join(mountOf(mounts, "freezer"), path));
    await Promise.all(roots.map((root) => removeCgroupTree(join(root, path), clock)));
  }

  return {
    async create(id, limits) {
      const folder = join(memory, id);
      await mkdir(folder, { recursive: true });
      await limitMemory(folder, limits);
      return {
        leafPath: join("/", parent, id, LEAF),
        processIds: () => processIdsIn(join(folder, LEAF)),
        freeze: () => writeCgroupFileIfPresent(join(freezer, id, LEAF, "freezer.state"), "FROZEN"),
        thaw: () => writeCgroupFileIfPresent(join(freezer, id, LEAF, "freezer.state"), "THAWED"),
        async setCpus(cpus) {
          const leaf = join(cpu, id, LEAF);
          await writeCgroupFileIfPresent(join(leaf, "cpu.cfs_quota_us"), `${cpuQuotaMicroseconds(cpus)}`);
          await writeCgroupFileIfPresent(join(leaf, "cpu.shares"), `${cpuShares(cpus)}`);
        },
        memoryUsedBytes: () => memoryUsed(folder),
        cpuUsedSeconds: () => cpuUsed(join(cpuTime, id)),
        ranOutOfMemory: async (killed) => killed && (await failures(folder)) > 0,
        remove: () => removeEverywhere(join(parent, id)),
      } satisfies Cgroup;
    },
    removeAll: () => removeEverywhere(parent),
  };
}

/** Memory and swap together may be one page more, because only failures at the limit of memory alone are counted. */
async function limitMemory(folder: string, limits: SandboxLimits): Promise<void> {
  const limit = limits.memoryBytes - PARENT_MARGIN_BYTES;
  await writeFile(join(folder, "memory.limit_in_bytes"), `${limit}`, { flag: "r+" });
  await writeCgroupFileIfPresent(join(folder, "memory.memsw.limit_in_bytes"), `${limit + PAGE_BYTES}`);
}

async function memoryUsed(folder: string): Promise<number> {
  const [usage, stat] = await Promise.all([
    readCgroupFile(join(folder, "memory.usage_in_bytes")),
    readCgroupFile(join(folder, "memory.stat")),
  ]);
  return Math.max(0, Number(usage ?? 0) - valueOf(stat ?? "", "total_inactive_file"));
}

/** The kernel counts in nanoseconds. */
async function cpuUsed(folder: string): Promise<number> {
  return Number((await readCgroupFile(join(folder, "cpuacct.usage"))) ?? 0) / 1e9;
}

async function failures(folder: string): Promise<number> {
  return Number((await readCgroupFile(join(folder, "memory.failcnt"))) ?? 0);
}

/** A frozen process of version 1 does not even die, so what is to be removed is thawed first. */
async function thawBelow(folder: string): Promise<void> {
  const states = globSync(join(folder, "**/freezer.state"));
  await Promise.all(states.map((state) => writeCgroupFileIfPresent(state, "THAWED")));
}

function mountOf(mounts: ReadonlyMap<string, string>, controller: string): string {
  const mount = mounts.get(controller);
  if (mount === undefined) throw new Error(`the cgroup controller ${controller} is not mounted`);
  return mount;
}
