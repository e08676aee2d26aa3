import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { ResourceRow } from "../../platform/store/resource-table.ts";

/** What resources of Cloud Run have in common. */
interface Resource {
  readonly name: string;
  readonly uid: string;
  readonly generation: bigint;
  readonly createTime?: Timestamp | undefined;
  readonly updateTime?: Timestamp | undefined;
}

/** The columns of a resource's row that follow from its message. */
export function rowOf(resource: Resource, version: number): Omit<ResourceRow, "message" | "unfinished"> {
  const { name, uid, generation, createTime, updateTime } = resource;
  return {
    name,
    parent: name.split("/").slice(0, -2).join("/"),
    uid,
    generation: Number(generation),
    version,
    createTimeMs: createTime ? timestampMs(createTime) : 0,
    updateTimeMs: updateTime ? timestampMs(updateTime) : 0,
  };
}
