import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { timestampMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import { type FilteredList, filteredPage } from "../../wire/filter/filtered-page.ts";
import { invalidField } from "./errors.ts";
import { PAGE_SIZES } from "./limits.ts";

interface Listed {
  readonly name: string;
  readonly createTime?: Timestamp | undefined;
}

/** The page of a list that is asked for, in the order that is asked for. Google: cloud.google.com/kms/docs/sorting-and-filtering. */
export function listPage<Schema extends DescMessage>(
  schema: Schema,
  messages: readonly (MessageShape<Schema> & Listed)[],
  request: FilteredList & { readonly orderBy: string },
) {
  const [field = "", direction = "asc", ...rest] = request.orderBy.trim().split(/\s+/);
  const isDescending = direction === "desc";
  if (rest.length > 0 || (direction !== "asc" && !isDescending))
    throw invalidField("order_by", `The order "${request.orderBy}" is invalid.`);
  const ordered = field === "" ? messages : messages.toSorted(comparison(field));
  return filteredPage(schema, isDescending ? ordered.toReversed() : ordered, request, PAGE_SIZES);
}

function comparison(field: string): (one: Listed, other: Listed) => number {
  if (field === "name") return (one, other) => (one.name < other.name ? -1 : 1);
  if (field === "createTime" || field === "create_time")
    return (one, other) => timeOf(one) - timeOf(other) || (one.name < other.name ? -1 : 1);
  throw invalidField("order_by", `Sorting by "${field}" is not supported by homerun; by name and create_time it is.`);
}

function timeOf({ createTime }: Listed): number {
  return createTime ? timestampMs(createTime) : 0;
}
