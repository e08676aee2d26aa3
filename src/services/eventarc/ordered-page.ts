import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import { matchesFilter } from "../../wire/filter/matches-filter.ts";
import { type Filter, parseFilter } from "../../wire/filter/parse-filter.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../../wire/paging.ts";
import { invalidRequest } from "./errors.ts";
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from "./limits.ts";

/** What list requests of Eventarc ask for. */
export interface ListRequest {
  readonly parent: string;
  readonly pageSize: number;
  readonly pageToken: string;
  readonly orderBy: string;
  readonly filter?: string;
}

type Named<Schema extends DescMessage> = MessageShape<Schema> & { readonly name: string };
type SortKey = readonly (string | number)[];

/** One page of what passes the filter, in the order that is asked for ("create_time desc, name") and then by name. */
export function orderedPage<Schema extends DescMessage>(
  schema: Schema,
  messages: readonly Named<Schema>[],
  { parent, pageSize, pageToken, orderBy, filter: text = "" }: ListRequest,
) {
  const scope = JSON.stringify([schema.typeName, parent, text, orderBy]);
  const cursor = decodePageToken(pageToken, scope);
  const after = cursor && (JSON.parse(cursor.after) as SortKey);
  const filter = withMembers(parseFilter(text));
  const order = parseOrder(schema, orderBy);
  const entries = messages
    .filter((message) => matchesFilter(filter, schema, message))
    .map((message) => ({ message, key: [...order.map(({ path }) => valueAt(schema, message, path)), message.name] }))
    .filter(({ key }) => !after || compare(order, key, after) > 0)
    .toSorted((one, other) => compare(order, one.key, other.key));
  const size = pageSizeOf(pageSize, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
  const { page, nextPageToken } = pageOf(entries, size, ({ key }) => JSON.stringify(key), scope);
  return { page: page.map(({ message }) => message), nextPageToken };
}

/** `destination:gke` asks whether there is such a member. Google: eventarc.proto, ListTriggersRequest.filter. */
function withMembers(filter: Filter): Filter {
  if (filter.kind === "not") return { ...filter, operand: withMembers(filter.operand) };
  if (filter.kind !== "restriction") return { ...filter, operands: filter.operands.map(withMembers) };
  const asksForMember = filter.comparator === ":" && filter.path.length === 1 && filter.path[0] === "destination";
  return asksForMember ? { ...filter, path: ["destination", filter.value], value: "*" } : filter;
}

interface OrderPart {
  readonly path: string;
  readonly sign: 1 | -1;
}

function parseOrder(schema: DescMessage, orderBy: string): OrderPart[] {
  const parts = orderBy.split(",").map((part) => part.trim());
  return parts.filter(Boolean).map((part) => {
    const [path = "", direction = "asc", ...rest] = part.split(/\s+/);
    const isKnown = path.endsWith("_id") || fieldOf(schema, path) !== undefined;
    if (!isKnown || rest.length > 0 || !/^(asc|desc)$/.test(direction))
      throw invalidRequest("order_by", `invalid order_by "${part}"`);
    return { path, sign: direction === "desc" ? -1 : 1 };
  });
}

/** Fields that can be ordered by: text, numbers, enums and times of the message itself; "trigger_id" and the like are the name's end. */
function fieldOf(schema: DescMessage, path: string) {
  const field = schema.fields.find(({ name, jsonName }) => name === path || jsonName === path);
  const isTime = field?.fieldKind === "message" && field.message.typeName === "google.protobuf.Timestamp";
  return isTime || field?.fieldKind === "scalar" || field?.fieldKind === "enum" ? field : undefined;
}

function valueAt(schema: DescMessage, message: Named<DescMessage>, path: string): string | number {
  const field = fieldOf(schema, path);
  if (!field) return message.name.slice(message.name.lastIndexOf("/") + 1);
  const reflected: ReflectMessage = reflect(schema, message);
  const value: unknown = reflected.get(field);
  if (field.fieldKind === "message")
    return reflected.isSet(field) ? timestampMs((value as ReflectMessage).message as Timestamp) : 0;
  return typeof value === "number" ? value : String(value);
}

function compare(order: readonly OrderPart[], one: SortKey, other: SortKey): number {
  for (const [index, value] of one.entries()) {
    const against = other[index]!;
    if (value !== against) return (value < against ? -1 : 1) * (order[index]?.sign ?? 1);
  }
  return 0;
}
