import type { RunContext } from "../context.ts";
import type { WatchedRow } from "../changes/watched-table.ts";
import type { Listing } from "../every.ts";
import type { KnativeMetadata } from "./knative.ts";
import type { V1Request } from "./request.ts";

/** Any object of v1, as far as lists and watches look at it. */
export interface KnativeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: KnativeMetadata;
}

/** A column that kubectl shows; undefined is an empty cell. */
export interface Column<Shown> {
  readonly name: string;
  readonly type: "string" | "integer";
  readonly of: (object: Shown) => string | number | undefined;
}

/** One kind of object of v1: where its rows are, and how they look to clients. */
export interface Collection<Item> {
  readonly apiVersion: string;
  readonly kind: string;
  /** Its name in paths: "services". */
  readonly plural: string;
  /** The watched table whose rows these objects are made of. */
  readonly table: string;
  /** What the rows' full names are below of; segments may be "-". */
  readonly parentOf: (at: V1Request) => string;
  readonly listing: (context: RunContext) => Listing<Item>;
  readonly itemOf: (row: WatchedRow) => Item;
  readonly toKnative: (item: Item) => KnativeObject;
  /** Columns between name and age; without them Ready and Reason. */
  readonly columns?: readonly Column<never>[];
}
