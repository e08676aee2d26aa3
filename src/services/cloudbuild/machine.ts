import { BuildOptions_MachineType as MachineType } from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";

const GIB = 1024 ** 3;

/** vCPUs and memory by machine type (cloud.google.com/build/pricing); unspecified means e2-standard-2. */
const MACHINES: Readonly<Record<MachineType, Machine>> = {
  [MachineType.UNSPECIFIED]: { cpus: 2, memoryBytes: 8 * GIB },
  [MachineType.E2_STANDARD_2]: { cpus: 2, memoryBytes: 8 * GIB },
  [MachineType.E2_MEDIUM]: { cpus: 1, memoryBytes: 4 * GIB },
  [MachineType.E2_HIGHCPU_8]: { cpus: 8, memoryBytes: 8 * GIB },
  [MachineType.E2_HIGHCPU_32]: { cpus: 32, memoryBytes: 32 * GIB },
  [MachineType.N1_HIGHCPU_8]: { cpus: 8, memoryBytes: 7.2 * GIB },
  [MachineType.N1_HIGHCPU_32]: { cpus: 32, memoryBytes: 28.8 * GIB },
};

/** CPUs and memory of a build or of the host. */
export interface Machine {
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** What a build gets: its machine type's CPUs and memory, but no more than the host has. */
export function machineOf(type: MachineType, host: Machine): Machine {
  const wanted = MACHINES[type];
  return {
    cpus: Math.min(wanted.cpus, host.cpus),
    memoryBytes: Math.floor(Math.min(wanted.memoryBytes, host.memoryBytes)),
  };
}

/** How many builds run at the same time on a host: one for every two CPUs, at least one. */
export function parallelBuildsOf(host: Machine): number {
  return Math.max(1, Math.floor(host.cpus / 2));
}
