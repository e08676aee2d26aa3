import type { DescMessage, Message, MessageShape } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { ResourceTable } from "../../../platform/store/resource-table.ts";
import type { EventarcTables } from "../store.ts";
import type { Deps } from "../deps.ts";
import type { Collection } from "../names.ts";

/** What the resources of Eventarc Advanced have in common. */
export interface Common extends Message {
  name: string;
  uid: string;
  etag: string;
  createTime?: Timestamp;
  updateTime?: Timestamp;
  labels: { [key: string]: string };
  annotations: { [key: string]: string };
  displayName: string;
}

/** A kind of resource of Eventarc Advanced. */
export interface Kind<Schema extends DescMessage> {
  readonly schema: Schema;
  readonly collection: Collection;
  /** Name of the resource in requests, "message_bus". */
  readonly field: string;
  readonly tableOf: (tables: EventarcTables) => ResourceTable;
  /** Rejects what is not valid, names what is not there, or is not supported; gets what it was before, in updates. */
  readonly validate: (deps: Deps, resource: MessageShape<Schema>, before?: MessageShape<Schema>) => Promise<void>;
  /** Names in the resource with the project's id for its number. */
  readonly canonicalize?: (deps: Deps, resource: MessageShape<Schema>) => Promise<void>;
  /** Wake-up kind of what has to be made elsewhere; without one an operation is done when it is answered. */
  readonly wakeup?: string;
}

/** A message of a kind, as one with the common fields. */
export function commonOf(message: Message): Common {
  return message as Common;
}
