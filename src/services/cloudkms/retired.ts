import { fromJsonString } from "@bufbuild/protobuf";
import { type RetiredResource, RetiredResourceSchema } from "../../gen/google/cloud/kms/v1/resources_pb.js";
import type { ResourceRow } from "../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../platform/store/store.ts";
import type { Deps } from "./deps.ts";

/** What remains of a deleted key. */
export function retiredOf(row: ResourceRow): RetiredResource {
  return { ...fromJsonString(RetiredResourceSchema, row.message), name: row.name };
}

/** Whether a key of that name was deleted: the name cannot be used again. */
export async function isRetired(
  { retired }: Pick<Deps, "retired">,
  transaction: StoreTransaction,
  keyName: string,
): Promise<boolean> {
  const parent = keyName.split("/keyRings/")[0]!;
  const rows = await retired.list({ parent, limit: Number.MAX_SAFE_INTEGER }, transaction);
  return rows.some((row) => retiredOf(row).originalResource === keyName);
}
