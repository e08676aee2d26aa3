import { invalidBucketName, invalidValue } from "./errors.ts";
import { LIMITS } from "./limits.ts";

const BUCKET_NAME = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/;
/** A bucket of Google's own with "google" in its name: where Cloud Build writes logs unless told otherwise. */
const BUILD_LOGS_BUCKET = /^\d+\.cloudbuild-logs\.googleusercontent\.com$/;
const STORAGE_CLASSES = new Set([
  "STANDARD",
  "NEARLINE",
  "COLDLINE",
  "ARCHIVE",
  "MULTI_REGIONAL",
  "REGIONAL",
  "DURABLE_REDUCED_AVAILABILITY",
]);

/** Rejects names that cloud.google.com/storage/docs/buckets#naming does not allow. */
export function checkBucketName(name: string): void {
  const parts = name.split(".");
  const lengthOk = parts.length === 1 ? name.length <= 63 : name.length <= 222 && parts.every(isPart);
  const isAddress = /^\d+\.\d+\.\d+\.\d+$/.test(name);
  const isGoogle = (name.startsWith("goog") || /google|g00gle/.test(name)) && !BUILD_LOGS_BUCKET.test(name);
  if (name.length < 3 || !lengthOk || !BUCKET_NAME.test(name) || isAddress || isGoogle) throw invalidBucketName(name);
}

/** Rejects names that cloud.google.com/storage/docs/objects#naming does not allow. */
export function checkObjectName(name: string): void {
  if (name === "") throw invalidValue("Required", "name");
  if (Buffer.byteLength(name) > LIMITS.objectNameBytes) {
    throw invalidValue(`The object name exceeds ${LIMITS.objectNameBytes} bytes.`, "name");
  }
  const forbidden =
    name === "." || name === ".." || /[\r\n]/.test(name) || name.startsWith(".well-known/acme-challenge/");
  if (forbidden || !name.isWellFormed()) throw invalidValue(`Disallowed object name: '${name}'`, "name");
}

/** Rejects storage classes that do not exist; "" stands for the default. */
export function checkStorageClass(storageClass: string): void {
  if (storageClass !== "" && !STORAGE_CLASSES.has(storageClass)) {
    throw invalidValue("The specified storage class is invalid.", "storageClass");
  }
}

/** Rejects custom metadata above the limit. */
export function checkCustomMetadata(metadata: Readonly<Record<string, string>>): void {
  const bytes = Object.entries(metadata).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (bytes > LIMITS.customMetadataBytes) {
    throw invalidValue(
      `The metadata for your object is too large. Maximum allowed size is ${LIMITS.customMetadataBytes} bytes.`,
      "metadata",
    );
  }
}

/** Rejects labels that Google's rules for labels do not allow. */
export function checkLabels(labels: Readonly<Record<string, string>>): void {
  const entries = Object.entries(labels);
  const wrong = entries.find(
    ([key, value]) =>
      !/^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u.test(key) || !/^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u.test(value),
  );
  if (wrong) throw invalidValue(`Invalid label: ${wrong[0]}=${wrong[1]}`, "labels");
  if (entries.length > 64) throw invalidValue("A bucket has at most 64 labels.", "labels");
}

function isPart(part: string): boolean {
  return part.length > 0 && part.length <= 63;
}
