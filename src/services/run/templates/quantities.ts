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

/** Bytes of a Kubernetes quantity such as "512Mi", "1G" or "0.5Gi"; undefined when it is none. */
export function parseMemory(text: string): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text) ?? [];
  return digits === undefined ? undefined : Math.round(Number(digits) * UNITS[unit ?? ""]!);
}

/** CPUs of a Kubernetes quantity such as "1", "0.5" or "1000m"; undefined when it is none. */
export function parseCpu(text: string): number | undefined {
  const [, digits, milli] = /^(\d+(?:\.\d+)?)(m)?$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) / (milli ? 1000 : 1);
}

/** Bytes as Google writes bounds of memory: "128Mi", "4Gi". */
export function formatMemory(bytes: number): string {
  return bytes % 2 ** 30 === 0 ? `${bytes / 2 ** 30}Gi` : `${bytes / 2 ** 20}Mi`;
}

/** CPU and memory in one spelling, so that equal quantities are equal text: "1000m" is "1", "1Gi" is "1073741824". */
export function plainQuantities(limits: Readonly<Record<string, string>>): Record<string, string> {
  const plain = (key: string, text: string) => (key === "cpu" ? parseCpu(text) : parseMemory(text));
  return Object.fromEntries(Object.entries(limits).map(([key, text]) => [key, String(plain(key, text) ?? text)]));
}
