import { clone, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { type Snapshot, SnapshotSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Deps } from "../deps.ts";
import { resourceNotFound } from "./errors.ts";
import { checkName } from "./names.ts";

/** A snapshot as the API answers it. */
export function snapshotOf({ name, message }: ResourceRow): Snapshot {
  return { ...fromJsonString(SnapshotSchema, message), name };
}

/** What is kept of a snapshot. */
export function storedSnapshot(snapshot: Snapshot): string {
  return toJsonString(SnapshotSchema, { ...clone(SnapshotSchema, snapshot), name: "" });
}

/** The snapshot of that name; NOT_FOUND when there is none. */
export async function findSnapshot(
  { snapshots }: Pick<Deps, "snapshots">,
  name: string,
  transaction?: StoreTransaction,
): Promise<{ readonly row: ResourceRow; readonly snapshot: Snapshot }> {
  checkName("snapshots", name);
  const row = await snapshots.get(name, transaction);
  if (!row) throw resourceNotFound(name);
  return { row, snapshot: snapshotOf(row) };
}
