import { clone, create, fromJsonString, type MessageInitShape, toJsonString } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type ReplicationStatusSchema,
  type Secret,
  type SecretVersion,
  SecretVersion_State as State,
  SecretVersionSchema,
} from "../../gen/google/cloud/secretmanager/v1/resources_pb.js";
import type { ResourceRow } from "../../platform/store/resource-table.ts";
import { etagOf } from "../../wire/etag.ts";
import { publicName } from "./names.ts";

/** The row of a new version of a secret. */
export function newVersionRow(
  secret: { readonly row: ResourceRow; readonly message: Secret },
  number: number,
  { uid, hasChecksum, nowMs }: { readonly uid: string; readonly hasChecksum: boolean; readonly nowMs: number },
): ResourceRow {
  const version = create(SecretVersionSchema, {
    state: State.ENABLED,
    clientSpecifiedPayloadChecksum: hasChecksum,
    replicationStatus: replicationStatusOf(secret.message),
  });
  return {
    name: `${secret.row.name}/versions/${number}`,
    parent: secret.row.name,
    uid,
    generation: 1,
    version: 1,
    message: toJsonString(SecretVersionSchema, version),
    unfinished: false,
    createTimeMs: nowMs,
    updateTimeMs: nowMs,
  };
}

/** The row with another content. */
export function changedVersionRow(row: ResourceRow, version: SecretVersion, nowMs: number): ResourceRow {
  const kept = clone(SecretVersionSchema, version);
  const message = toJsonString(SecretVersionSchema, { ...kept, name: "", etag: "" });
  return { ...row, generation: row.generation + 1, message, updateTimeMs: nowMs };
}

/** A version as the API answers it. */
export function versionOf(row: ResourceRow): SecretVersion {
  const { uid, version, createTimeMs } = row;
  return {
    ...fromJsonString(SecretVersionSchema, row.message),
    name: publicName(row.name),
    createTime: timestampFromMs(createTimeMs),
    etag: etagOf(uid, version),
  };
}

/** The number of a version's row. */
export function numberOf(row: Pick<ResourceRow, "name">): number {
  return Number(row.name.split("/").at(-1));
}

/** The version as destroyed: its payload is gone for good. */
export function destroyed(version: SecretVersion, nowMs: number): SecretVersion {
  const { scheduledDestroyTime: _, ...rest } = version;
  return { ...rest, state: State.DESTROYED, destroyTime: timestampFromMs(nowMs) };
}

function replicationStatusOf({ replication }: Secret): MessageInitShape<typeof ReplicationStatusSchema> {
  if (replication?.replication.case !== "userManaged") return { replicationStatus: { case: "automatic", value: {} } };
  const replicas = replication.replication.value.replicas.map(({ location }) => ({ location }));
  return { replicationStatus: { case: "userManaged", value: { replicas } } };
}
