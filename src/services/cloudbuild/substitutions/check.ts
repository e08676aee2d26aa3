import { invalidSubstitution, invalidSubstitutionKey } from "../errors.ts";
import { MAX_SUBSTITUTION_KEY_BYTES, MAX_SUBSTITUTION_VALUE_BYTES, MAX_SUBSTITUTIONS } from "../limits.ts";
import { OVERRIDABLE } from "./built-in.ts";

/** Rejects with INVALID_ARGUMENT keys that Cloud Build does not take, and what is too much or too long. */
export function checkSubstitutions(substitutions: Readonly<Record<string, string>>): void {
  const entries = Object.entries(substitutions);
  if (entries.length > MAX_SUBSTITUTIONS) throw invalidSubstitution(`there are more than ${MAX_SUBSTITUTIONS} keys`);
  for (const [key, value] of entries) {
    if (!/^_[A-Z0-9_]+$/.test(key) && !OVERRIDABLE.includes(key)) throw invalidSubstitutionKey(key);
    if (Buffer.byteLength(key) > MAX_SUBSTITUTION_KEY_BYTES)
      throw invalidSubstitution(`substitution key "${key.slice(0, 20)}..." is too long`);
    if (Buffer.byteLength(value) > MAX_SUBSTITUTION_VALUE_BYTES)
      throw invalidSubstitution(`the value of substitution key "${key}" is too long`);
  }
}
