import type { SandboxLimits } from "../../sandbox.ts";

/** The control groups of one data folder, of version 1 or 2; the OCI runtime makes a leaf below what `create` gives. */
export interface Cgroups {
  /** Makes the group of one sandbox, with its memory limit set. */
  create(id: string, limits: SandboxLimits): Promise<Cgroup>;
  /** Kills every process of the data folder's groups and removes the groups, this one's parent included. */
  removeAll(): Promise<void>;
}

/** The group of one sandbox. */
export interface Cgroup {
  /** Value of linux.cgroupsPath in the runtime's configuration: the leaf that holds the processes. */
  readonly leafPath: string;
  /** Process ids of the sandbox as the host sees them; empty before the start and after the end. */
  processIds(): Promise<number[]>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Sets the quota, and the share where processes of the host compete. */
  setCpus(cpus: number): Promise<void>;
  /** Memory in use without the part of the page cache that can be dropped at once. */
  memoryUsedBytes(): Promise<number>;
  /** CPU time of all processes there ever were in the group; 0 once it is removed. */
  cpuUsedSeconds(): Promise<number>;
  /** Whether the memory limit had a process killed; `killed` says that the main process ended by an unasked SIGKILL. */
  ranOutOfMemory(killed: boolean): Promise<boolean>;
  /** Kills what still runs and removes the group; succeeds when it is gone already. */
  remove(): Promise<void>;
}

/** The runtime's leaf below the group of a sandbox. */
export const LEAF = "container";

/** Length of the period in which a CPU quota counts, in microseconds. */
export const CPU_PERIOD_MICROSECONDS = 100_000;

const SHARES_PER_CPU = 1024;

/** The CPU quota per period that stands for a number of CPUs; the kernel takes no less than one millisecond. */
export function cpuQuotaMicroseconds(cpus: number): number {
  return Math.max(1000, Math.round(cpus * CPU_PERIOD_MICROSECONDS));
}

/** The share of a number of CPUs where processes compete, in version 1's measure; the kernel takes no less than two. */
export function cpuShares(cpus: number): number {
  return Math.max(2, Math.round(cpus * SHARES_PER_CPU));
}
