import { availableParallelism } from "node:os";
import type { ServingSettings } from "../serving.ts";

const MIB = 1024 * 1024;

/**
 * Cloud Run's documented times and sizes. As many instances start at once as there are cores: more would only let the first
 * one, which can already take on requests, be ready later.
 */
export const defaultServingSettings: ServingSettings = {
  idleMs: 15 * 60_000,
  cpuIdleGraceMs: 500,
  pendingMs: 10_000,
  terminationGraceMs: 10_000,
  parallelStarts: availableParallelism(),
  hostMemoryReserveBytes: 256 * MIB,
  pids: 4096,
  maxHttp1Bytes: 32 * MIB,
  sampleTraces: false,
};
