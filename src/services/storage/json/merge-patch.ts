import type { Json } from "./json-call.ts";

/** `current` with what `patch` sets, merged object by object; null removes (RFC 7396). */
export function mergePatch(current: Json, patch: Json): Json {
  const merged: Record<string, unknown> = { ...current };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = isObject(value) ? mergePatch(asObject(merged[name]), value) : value;
  }
  return merged;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asObject(value: unknown): Json {
  return isObject(value) ? value : {};
}
