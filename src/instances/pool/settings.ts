import type { ServingSettings } from "../serving.ts";

const MIB = 1024 * 1024;

/** Cloud Run's documented times and sizes; what is the host's own matter fits a machine of two to eight cores. */
export const defaultServingSettings: ServingSettings = {
  idleMs: 15 * 60_000,
  cpuIdleGraceMs: 500,
  pendingMs: 10_000,
  terminationGraceMs: 10_000,
  parallelStarts: 4,
  hostMemoryReserveBytes: 256 * MIB,
  pids: 4096,
  maxHttp1Bytes: 32 * MIB,
  sampleTraces: false,
};
