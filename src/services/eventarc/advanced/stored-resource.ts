import { clone, type DescMessage, fromJson, type JsonValue, type MessageShape, toJson } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Code } from "../../../gen/google/rpc/code_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import { etagOf } from "../../../wire/etag.ts";
import type { OperationStart } from "../operations.ts";
import { commonOf, type Kind } from "./kind.ts";

/** Work under way for a resource; there is at most one. */
export interface Work<Schema extends DescMessage> extends OperationStart {
  /** What it was before an update, and is again if that fails. */
  readonly previous?: MessageShape<Schema>;
  readonly failure?: { readonly code: Code; readonly message: string };
}

/** A resource of Eventarc Advanced as it is stored. */
export interface StoredResource<Schema extends DescMessage> {
  readonly row: ResourceRow;
  /** What the client asked for. */
  readonly resource: MessageShape<Schema>;
  readonly work: Work<Schema> | undefined;
}

/** A resource as the API answers it. */
export function messageOf<Schema extends DescMessage>(
  { schema }: Kind<Schema>,
  { row, resource }: StoredResource<Schema>,
): MessageShape<Schema> {
  const message = clone(schema, resource);
  Object.assign(commonOf(message), {
    name: row.name,
    uid: row.uid,
    createTime: timestampFromMs(row.createTimeMs),
    updateTime: timestampFromMs(row.updateTimeMs),
    etag: etagOf(row.uid, row.version),
  });
  return message;
}

/** The row of a resource. */
export function toRow<Schema extends DescMessage>(
  { schema }: Kind<Schema>,
  { row, resource, work }: StoredResource<Schema>,
): ResourceRow {
  const message: StoredJson = {
    resource: toJson(schema, resource),
    ...(work && { work: { ...work, previous: work.previous && toJson(schema, work.previous) } }),
  };
  return { ...row, message: JSON.stringify(message), unfinished: work !== undefined };
}

/** The resource of a row. */
export function fromRow<Schema extends DescMessage>(
  { schema }: Kind<Schema>,
  row: ResourceRow,
): StoredResource<Schema> {
  const { resource, work } = JSON.parse(row.message) as StoredJson;
  return { row, resource: fromJson(schema, resource), work: work && workFromJson(schema, work) };
}

interface StoredJson {
  readonly resource: JsonValue;
  readonly work?: WorkJson;
}

type WorkJson = Omit<Work<DescMessage>, "previous"> & { readonly previous?: JsonValue | undefined };

function workFromJson<Schema extends DescMessage>(schema: Schema, { previous, ...rest }: WorkJson): Work<Schema> {
  return previous === undefined ? rest : { ...rest, previous: fromJson(schema, previous) };
}
