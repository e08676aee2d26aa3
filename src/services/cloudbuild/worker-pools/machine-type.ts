import type { Machine } from "../machine.ts";

const GIB = 1024 ** 3;
/** Memory for each vCPU, GiB, by series and kind (cloud.google.com/compute/docs/general-purpose-machines). */
const GIB_PER_CPU: Readonly<Record<string, number>> = {
  "e2-standard": 4,
  "e2-highmem": 8,
  "e2-highcpu": 1,
  "n1-standard": 3.75,
  "n1-highmem": 6.5,
  "n1-highcpu": 0.9,
  "n2-standard": 4,
  "n2-highmem": 8,
  "n2-highcpu": 1,
  "n2d-standard": 4,
  "n2d-highmem": 8,
  "n2d-highcpu": 1,
  "c3-standard": 4,
  "c3-highmem": 8,
  "c3-highcpu": 2,
  "c3d-standard": 4,
  "c3d-highmem": 8,
  "c3d-highcpu": 2,
};
/** Machine types that share CPUs. */
const SHARED: Readonly<Record<string, Machine>> = {
  "e2-micro": { cpus: 1, memoryBytes: GIB },
  "e2-small": { cpus: 1, memoryBytes: 2 * GIB },
  "e2-medium": { cpus: 1, memoryBytes: 4 * GIB },
};

/** Whether Cloud Build has worker pools of such machines. */
export function isMachineTypeName(name: string): boolean {
  return name in SHARED || (kindOf(name) ?? "") in GIB_PER_CPU;
}

/** CPUs and memory of a machine type by name, such as "e2-standard-2", but no more than the host has. */
export function machineNamed(name: string, host: Machine): Machine {
  const cpus = Number(/-(\d+)$/.exec(name)?.[1] ?? 1);
  const memoryBytes = cpus * (GIB_PER_CPU[kindOf(name) ?? ""] ?? 4) * GIB;
  const wanted = SHARED[name] ?? { cpus, memoryBytes };
  return {
    cpus: Math.min(wanted.cpus, host.cpus),
    memoryBytes: Math.floor(Math.min(wanted.memoryBytes, host.memoryBytes)),
  };
}

function kindOf(name: string): string | undefined {
  return /^(.+)-[1-9]\d{0,2}$/.exec(name)?.[1];
}
