const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/**
 * vCPUs by memory where availableCpu is not given: up to so many MiB, so many vCPUs
 * (cloud.google.com/functions/docs/configuring/memory).
 */
const CPU_TIERS: readonly (readonly [mebibytes: number, cpu: string])[] = [
  [128, "0.0833"],
  [256, "0.1666"],
  [512, "0.3333"],
  [1024, "0.5833"],
  [2048, "1"],
  [8192, "2"],
  [16384, "4"],
  [32768, "8"],
];

/** Bytes of a quantity such as "256M" or "1Gi" (functions.proto, ServiceConfig.available_memory); undefined if it is none. */
export function parseMemory(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(k|M|G|Ki|Mi|Gi)?$/.exec(text);
  return match ? Number(match[1]) * UNITS[match[2] ?? ""]! : undefined;
}

/** availableCpu of a function with so much memory. */
export function defaultCpuOf(memoryBytes: number): string {
  const tier = CPU_TIERS.find(([mebibytes]) => memoryBytes <= mebibytes * 1024 ** 2);
  return tier?.[1] ?? CPU_TIERS.at(-1)![1];
}
