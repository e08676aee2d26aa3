import { invalidField } from "./errors.ts";

const ID = "[a-zA-Z0-9_-]{1,63}";
const LOCATION = "projects/[^/]+/locations/[a-z0-9-]+";
const KEY_RING = `${LOCATION}/keyRings/${ID}`;
const CRYPTO_KEY = `${KEY_RING}/cryptoKeys/${ID}`;
const PATTERNS = {
  location: new RegExp(`^${LOCATION}$`),
  keyRing: new RegExp(`^${KEY_RING}$`),
  cryptoKey: new RegExp(`^${CRYPTO_KEY}$`),
  version: new RegExp(`^${CRYPTO_KEY}/cryptoKeyVersions/[0-9]+$`),
  importJob: new RegExp(`^${KEY_RING}/importJobs/${ID}$`),
} as const;

/** Names of key rings, crypto keys and import jobs: the resources with IAM policies. */
export const POLICY_PATTERNS = {
  "projects/*/locations/*/keyRings/*": PATTERNS.keyRing,
  "projects/*/locations/*/keyRings/*/cryptoKeys/*": PATTERNS.cryptoKey,
  "projects/*/locations/*/keyRings/*/importJobs/*": PATTERNS.importJob,
} as const;

/** Rejects what is not the name of such a resource. */
export function checkName(kind: keyof typeof PATTERNS, name: string, field = "name"): void {
  if (!PATTERNS[kind].test(name)) throw invalidField(field, `Resource name [${name}] is not well formed.`);
}

/** Whether a name is that of a version, where a key's name would do, too. */
export function isVersionName(name: string): boolean {
  return PATTERNS.version.test(name);
}

/** The name of a new resource below `parent`; rejects an id out of form. */
export function childName(parent: string, collection: string, id: string, field: string): string {
  if (!new RegExp(`^${ID}$`).test(id))
    throw invalidField(field, `${field} must match the regular expression [a-zA-Z0-9_-]{1,63}: "${id}".`);
  return `${parent}/${collection}/${id}`;
}

/** The name of the key that a version belongs to. */
export function keyNameOf(versionName: string): string {
  return versionName.slice(0, versionName.lastIndexOf("/cryptoKeyVersions/"));
}
