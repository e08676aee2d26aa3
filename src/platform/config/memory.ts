const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Bytes of a Kubernetes quantity such as "512Mi", "1G" or "0.5Gi", unrounded; undefined when it is none. */
export function memoryBytes(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)(k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * UNITS[unit]!;
}

/**
 * Bytes of a quantity such as "512Mi", "1G" or "268435456", rounded up. Throws on anything else.
 * Google: functions.proto, ServiceConfig.available_memory ("Supported units are k, M, G, Mi, Gi").
 */
export function parseMemory(text: string): number {
  const bytes = Math.ceil(memoryBytes(text) ?? Number.NaN);
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new Error(`${JSON.stringify(text)} is no amount of memory, such as 512Mi or 8Gi`);
}
