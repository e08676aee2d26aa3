import { invalidArgument } from "../../../wire/errors.ts";
import { DEFAULT_CPU, DEFAULT_MEMORY } from "../limits.ts";
import { parseCpu, parseMemory } from "../templates/quantities.ts";
import type { KnativeContainer } from "./knative.ts";

interface Quantity {
  readonly parse: (text: string) => number | undefined;
  readonly defaultLimit: string;
}

const QUANTITIES: Readonly<Record<string, Quantity>> = {
  cpu: { parse: parseCpu, defaultLimit: DEFAULT_CPU },
  memory: { parse: parseMemory, defaultLimit: DEFAULT_MEMORY },
};

/**
 * Rejects resource requests that are above their limit, are no quantities, or are of something else than cpu and memory.
 * All others are met: an instance has its limits to itself, so that these are also what is set aside for it, and v2 has
 * no field for less. Google: Cloud Run Admin API v1, ResourceRequirements.
 */
export function checkResourceRequests({ resources }: KnativeContainer, path: string): void {
  for (const [key, text] of Object.entries(resources?.requests ?? {})) {
    const description = faultOf(key, text, resources?.limits ?? {});
    const field = `${path}[${key}]`;
    if (description !== undefined) throw invalidArgument(`${field}: ${description}`, [{ field, description }]);
  }
}

function faultOf(key: string, text: string, limits: Readonly<Record<string, string>>): string | undefined {
  const quantity = Object.hasOwn(QUANTITIES, key) ? QUANTITIES[key] : undefined;
  if (!quantity) return "must be cpu or memory.";
  const asked = quantity.parse(text);
  if (asked === undefined) return `Invalid value specified for ${key}.`;
  const most = quantity.parse(limits[key] ?? quantity.defaultLimit);
  return most !== undefined && asked > most ? `must be less than or equal to ${key} limit.` : undefined;
}
