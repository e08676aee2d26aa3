import { memoryBytes } from "../../../platform/config/memory.ts";

/** Bytes of a Kubernetes quantity such as "512Mi", "1G" or "0.5Gi"; undefined when it is none. */
export function parseMemory(text: string): number | undefined {
  const bytes = memoryBytes(text);
  return bytes === undefined ? undefined : Math.round(bytes);
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
