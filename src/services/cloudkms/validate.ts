import { durationMs } from "@bufbuild/protobuf/wkt";
import {
  type CryptoKey,
  CryptoKey_CryptoKeyPurpose as Purpose,
  CryptoKeyVersion_CryptoKeyVersionAlgorithm as Name,
  ProtectionLevel,
} from "../../gen/google/cloud/kms/v1/resources_pb.js";
import { unsupportedField } from "../../wire/errors.ts";
import { algorithmNamed } from "./algorithms/algorithms.ts";
import { rotationMs } from "./crypto-key.ts";
import { invalidField } from "./errors.ts";
import { DESTROY_SCHEDULED_MS, MAX_LABELS, ROTATION_PERIOD_MS } from "./limits.ts";
import { hasPrimary } from "./version.ts";

const LABEL_KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;

/** Rejects with INVALID_ARGUMENT a key that Cloud KMS refuses, and by name what homerun does not support. */
export function validateKey(key: CryptoKey, nowMs: number): void {
  if (key.cryptoKeyBackend !== "") throw unsupportedField("crypto_key.crypto_key_backend");
  if (key.keyAccessJustificationsPolicy) throw unsupportedField("crypto_key.key_access_justifications_policy");
  if (key.purpose === Purpose.CRYPTO_KEY_PURPOSE_UNSPECIFIED)
    throw invalidField("crypto_key.purpose", "The purpose of the CryptoKey must be specified.");
  checkTemplate(key);
  checkRotation(key, nowMs);
  checkDestroyTime(key);
  checkLabels(key.labels);
}

/** Rejects a protection level other than SOFTWARE: there is no hardware behind homerun. */
export function checkProtectionLevel(level: ProtectionLevel, field: string): void {
  if (level === ProtectionLevel.SOFTWARE || level === ProtectionLevel.PROTECTION_LEVEL_UNSPECIFIED) return;
  throw unsupportedField(`${field} (${ProtectionLevel[level]})`);
}

/** Rejects an algorithm that homerun does not have, or that is not for keys of that purpose. */
export function checkAlgorithm(algorithm: Name, purpose: Purpose, field: string): void {
  if (algorithm === Name.CRYPTO_KEY_VERSION_ALGORITHM_UNSPECIFIED)
    throw invalidField(field, "The algorithm must be specified.");
  const known = algorithmNamed(algorithm);
  if (!known) throw unsupportedField(`${field} (${Name[algorithm] ?? algorithm})`);
  if (known.purpose !== purpose)
    throw invalidField(field, `The algorithm ${Name[algorithm]} is not for keys with purpose ${Purpose[purpose]}.`);
}

function checkTemplate({ purpose, versionTemplate }: CryptoKey): void {
  checkProtectionLevel(
    versionTemplate?.protectionLevel ?? ProtectionLevel.SOFTWARE,
    "crypto_key.version_template.protection_level",
  );
  const algorithm = versionTemplate?.algorithm ?? Name.CRYPTO_KEY_VERSION_ALGORITHM_UNSPECIFIED;
  checkAlgorithm(algorithm, purpose, "crypto_key.version_template.algorithm");
}

function checkRotation(key: CryptoKey, nowMs: number): void {
  const { purpose, rotationSchedule } = key;
  const nextMs = rotationMs(key);
  const isRotating = nextMs !== undefined || rotationSchedule.case !== undefined;
  if (isRotating && !hasPrimary(purpose))
    throw invalidField(
      "crypto_key.rotation_period",
      `Keys with purpose ${Purpose[purpose]} do not support automatic rotation.`,
    );
  if (nextMs !== undefined && nextMs <= nowMs)
    throw invalidField("crypto_key.next_rotation_time", "next_rotation_time must be in the future.");
  if (rotationSchedule.case === undefined) return;
  if (nextMs === undefined)
    throw invalidField("crypto_key.next_rotation_time", "next_rotation_time must be set if rotation_period is set.");
  const periodMs = durationMs(rotationSchedule.value);
  if (periodMs < ROTATION_PERIOD_MS.least || periodMs > ROTATION_PERIOD_MS.most)
    throw invalidField(
      "crypto_key.rotation_period",
      "rotation_period must be at least 24 hours and at most 876,000 hours.",
    );
}

function checkDestroyTime({ destroyScheduledDuration }: CryptoKey): void {
  if (!destroyScheduledDuration) return;
  const ms = durationMs(destroyScheduledDuration);
  if (ms < DESTROY_SCHEDULED_MS.least || ms > DESTROY_SCHEDULED_MS.most)
    throw invalidField(
      "crypto_key.destroy_scheduled_duration",
      "destroy_scheduled_duration must be at least 24 hours and at most 120 days.",
    );
}

function checkLabels(labels: Readonly<Record<string, string>>): void {
  const entries = Object.entries(labels);
  if (entries.length > MAX_LABELS)
    throw invalidField("crypto_key.labels", `A CryptoKey has at most ${MAX_LABELS} labels.`);
  const bad = entries.find(([key, value]) => !LABEL_KEY.test(key) || !LABEL_VALUE.test(value));
  if (bad) throw invalidField("crypto_key.labels", `The label "${bad[0]}": "${bad[1]}" is invalid.`);
}
