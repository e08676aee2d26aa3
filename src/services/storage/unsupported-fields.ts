import { notSupported } from "./errors.ts";

/** Bucket fields that homerun does not have; named alike in google.storage.v2 and in the JSON API. */
export const UNSUPPORTED_BUCKET_FIELDS = [
  "acl",
  "autoclass",
  "billing",
  "customPlacementConfig",
  "defaultEventBasedHold",
  "defaultObjectAcl",
  "encryption",
  "hierarchicalNamespace",
  "ipFilter",
  "lifecycle",
  "logging",
  "objectRetention",
  "retentionPolicy",
  "softDeletePolicy",
  "website",
] as const;

/** Object fields that homerun does not have, by their names in google.storage.v2 and in the JSON API. */
export const UNSUPPORTED_OBJECT_FIELDS = [
  "acl",
  "contexts",
  "customerEncryption",
  "eventBasedHold",
  "kmsKey",
  "kmsKeyName",
  "retention",
  "retentionExpirationTime",
  "retentionExpireTime",
  "temporaryHold",
] as const;

/** Rejects by name when one of the fields asks for something; empty values, false and zero ask for nothing. */
export function refuseUnsupported(resource: object, fields: readonly string[]): void {
  const values = resource as Readonly<Record<string, unknown>>;
  const field = fields.find((name) => asksForSomething(values[name]));
  if (field !== undefined) throw notSupported(field);
}

function asksForSomething(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value !== "object" || value === null) return Boolean(value) && value !== "0";
  return Object.entries(value).some(([name, inner]) => !name.startsWith("$") && asksForSomething(inner));
}
