import {
  type EmptyDirVolumeSource,
  type GCSVolumeSource,
  type SecretVolumeSource,
  type Volume,
} from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import { mountOptionsProblem } from "../../../instances/volumes/bucket/mount-options.ts";
import { parseMemory } from "../templates/quantities.ts";
import { parseSecretName } from "../secrets/secret-name.ts";
import type { Violation } from "./violations.ts";
import { secretNameFault } from "./container.ts";

const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Google: bucket naming guidelines. "_" would mean all buckets, which is not supported. */
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;
const MAX_MODE = 0o777;
const REQUIRED = { description: "required field not present.", protoLevel: true };

/** Faults of volumes; `at` is the path of their list. */
export function volumeViolations(volumes: readonly Volume[], at: string): Violation[] {
  const names = volumes.map(({ name }) => name);
  return volumes.flatMap((volume, index) => [
    ...nameViolations(names, index, `${at}[${index}].name`),
    ...sourceViolations(volume, `${at}[${index}]`),
  ]);
}

function* nameViolations(names: readonly string[], index: number, field: string): Iterable<Violation> {
  const name = names[index]!;
  if (name === "") return yield { field, ...REQUIRED };
  if (!NAME.test(name)) {
    const description = `Invalid volume name '${name}'. Must conform to RFC 1123: only lowercase letters, digits, and hyphens are allowed, must begin and end with a letter or digit, and be less than 64 characters`;
    yield { field, description };
  }
  if (names.indexOf(name) !== index) yield { field, description: `Volume name '${name}' is used more than once.` };
  if (name === "cloudsql") {
    // Google's words.
    const description = "Cloud SQL volume must be named 'cloudsql', and 'cloudsql' is reserved for Cloud SQL volumes.";
    yield { field, description };
  }
}

function sourceViolations({ volumeType }: Volume, at: string): Iterable<Violation> {
  if (volumeType.case === "emptyDir") return emptyDirViolations(volumeType.value, `${at}.empty_dir`);
  if (volumeType.case === "secret") return secretViolations(volumeType.value, `${at}.secret`);
  if (volumeType.case === "gcs") return bucketViolations(volumeType.value, `${at}.gcs`);
  return [{ field: at, description: "Exactly one type of volume must be specified.", protoLevel: true }];
}

function* emptyDirViolations({ sizeLimit }: EmptyDirVolumeSource, at: string): Iterable<Violation> {
  if (sizeLimit === "" || (parseMemory(sizeLimit) ?? 0) > 0) return;
  yield { field: `${at}.size_limit`, description: `Invalid quantity '${sizeLimit}'.` };
}

function* secretViolations({ secret, items, defaultMode }: SecretVolumeSource, at: string): Iterable<Violation> {
  if (secret === "") yield { field: `${at}.secret`, ...REQUIRED };
  else if (!parseSecretName(secret)) yield { field: `${at}.secret`, description: secretNameFault(secret) };
  if (!isMode(defaultMode)) yield { field: `${at}.default_mode`, ...MODE };
  const paths = items.map(({ path }) => path);
  for (const [index, { path, version, mode }] of items.entries()) {
    const field = `${at}.items[${index}]`;
    if (path === "") yield { field: `${field}.path`, ...REQUIRED };
    else if (!isRelative(path)) yield { field: `${field}.path`, description: `Invalid path '${path}'. ${RELATIVE}` };
    if (paths.indexOf(path) !== index) yield { field: `${field}.path`, description: `Path '${path}' is used twice.` };
    if (version === "") yield { field: `${field}.version`, ...REQUIRED };
    if (!isMode(mode)) yield { field: `${field}.mode`, ...MODE };
  }
}

function* bucketViolations({ bucket, mountOptions }: GCSVolumeSource, at: string): Iterable<Violation> {
  if (bucket === "") yield { field: `${at}.bucket`, ...REQUIRED };
  else if (!BUCKET.test(bucket)) yield { field: `${at}.bucket`, description: `Invalid bucket name '${bucket}'.` };
  for (const [index, option] of mountOptions.entries()) {
    const dashed = option === "" || option.startsWith("-");
    const description = dashed
      ? "Options should be specified without the leading dashes."
      : mountOptionsProblem([option]);
    if (description !== undefined) yield { field: `${at}.mount_options[${index}]`, description };
  }
}

const RELATIVE = "Must be a relative path without '..'.";
const MODE = { description: "must be between 0 and 0777 (octal).", protoLevel: true };

function isMode(mode: number): boolean {
  return mode >= 0 && mode <= MAX_MODE;
}

function isRelative(path: string): boolean {
  return !path.startsWith("/") && path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
