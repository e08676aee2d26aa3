import { durationMs, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import type { Secret } from "../../gen/google/cloud/secretmanager/v1/resources_pb.js";
import { invalidField } from "./errors.ts";

const MIN_NOTICE_MS = 300_000;
const MIN_PERIOD_MS = 3_600_000;
/** A hundred years. */
const MAX_MS = 3_153_600_000_000;

/** Rejects a rotation that Secret Manager does not take; a time that was set before may have come near. */
export function validateRotation({ rotation, topics }: Secret, before: Secret | undefined, nowMs: number): void {
  if (!rotation) return;
  if (topics.length === 0) throw invalidField("secret.rotation", "A secret with a rotation needs a topic.");
  const { nextRotationTime, rotationPeriod } = rotation;
  if (!nextRotationTime) {
    throw invalidField("secret.rotation.next_rotation_time", "The next_rotation_time must be set.");
  }
  const periodMs = rotationPeriod && durationMs(rotationPeriod);
  if (periodMs !== undefined && (periodMs < MIN_PERIOD_MS || periodMs > MAX_MS || rotationPeriod!.nanos !== 0)) {
    throw invalidField(
      "secret.rotation.rotation_period",
      "The rotation_period must be whole seconds, at least 3600s and at most 3153600000s.",
    );
  }
  const nextMs = timestampMs(nextRotationTime);
  if (nextMs === nextRotationMs(before)) return;
  if (nextMs < nowMs + MIN_NOTICE_MS || nextMs > nowMs + MAX_MS) {
    throw invalidField(
      "secret.rotation.next_rotation_time",
      "The next_rotation_time must be at least 300s and at most 3153600000s in the future.",
    );
  }
}

/** When a secret is due for rotation, milliseconds since the epoch; undefined when it is not. */
export function nextRotationMs(secret: Secret | undefined): number | undefined {
  const next = secret?.rotation?.nextRotationTime;
  return next && timestampMs(next);
}

/** The secret after its rotation was asked for: due again after its period, or not any more. */
export function rotated(secret: Secret, nowMs: number): Secret {
  const { rotation, ...rest } = secret;
  if (!rotation?.rotationPeriod) return rest;
  const periodMs = durationMs(rotation.rotationPeriod);
  const dueMs = nextRotationMs(secret) ?? nowMs;
  const missed = Math.max(0, Math.floor((nowMs - dueMs) / periodMs));
  return { ...rest, rotation: { ...rotation, nextRotationTime: timestampFromMs(dueMs + (missed + 1) * periodMs) } };
}
