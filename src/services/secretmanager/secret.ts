import { clone, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { durationMs, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { type Secret, SecretSchema } from "../../gen/google/cloud/secretmanager/v1/resources_pb.js";
import type { ResourceRow } from "../../platform/store/resource-table.ts";
import { etagOf } from "../../wire/etag.ts";
import { nextRotationMs } from "./rotation.ts";
import { publicName } from "./names.ts";

/** The row of a new secret. */
export function newSecretRow(secret: Secret, name: string, uid: string, nowMs: number): ResourceRow {
  return {
    name,
    parent: name.split("/").slice(0, -2).join("/"),
    uid,
    generation: 1,
    version: 1,
    message: stored(secret, nowMs),
    unfinished: false,
    createTimeMs: nowMs,
    updateTimeMs: nowMs,
  };
}

/** The row with another content. */
export function changedSecretRow(row: ResourceRow, secret: Secret, nowMs: number): ResourceRow {
  return { ...row, generation: row.generation + 1, message: stored(secret, nowMs), updateTimeMs: nowMs };
}

/** A secret as the API answers it. */
export function secretOf(row: ResourceRow): Secret {
  const secret = fromJsonString(SecretSchema, row.message);
  const { uid, version, createTimeMs } = row;
  return {
    ...secret,
    name: publicName(row.name),
    createTime: timestampFromMs(createTimeMs),
    etag: etagOf(uid, version),
  };
}

/** When a secret expires, milliseconds since the epoch; undefined when it does not. */
export function expireTimeMs({ expiration }: Secret): number | undefined {
  return expiration.case === "expireTime" ? timestampMs(expiration.value) : undefined;
}

/** When something happens to a secret by itself, milliseconds since the epoch; undefined for never. */
export function dueTimeMs(secret: Secret): number | undefined {
  const times = [expireTimeMs(secret), nextRotationMs(secret)].filter((time) => time !== undefined);
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** How long destroyed versions can still be brought back, milliseconds. */
export function destroyDelayMs({ versionDestroyTtl }: Secret): number {
  return versionDestroyTtl ? durationMs(versionDestroyTtl) : 0;
}

/** What is kept: a time to live becomes the time at which it is over. */
function stored(secret: Secret, nowMs: number): string {
  const kept = clone(SecretSchema, secret);
  if (kept.expiration.case === "ttl")
    kept.expiration = { case: "expireTime", value: timestampFromMs(nowMs + durationMs(kept.expiration.value)) };
  return toJsonString(SecretSchema, { ...kept, name: "", etag: "" });
}
