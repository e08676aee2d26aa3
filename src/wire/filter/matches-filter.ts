import { type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import { invalidArgument } from "../errors.ts";
import { wildcards } from "../patterns.ts";
import type { Comparator, Filter } from "./parse-filter.ts";

/**
 * Whether a message passes a filter. Fields go by snake_case or camelCase name, enums by value name, timestamps by
 * RFC 3339; `=` and `:` on a repeated field ask for any element, `:` on a map for a key; `*` at an end of a value
 * matches any text. A field that the message does not have is INVALID_ARGUMENT. Google: AIP-160.
 */
export function matchesFilter<Schema extends DescMessage>(
  filter: Filter,
  schema: Schema,
  message: MessageShape<Schema>,
): boolean {
  switch (filter.kind) {
    case "and":
      return filter.operands.every((operand) => matchesFilter(operand, schema, message));
    case "or":
      return filter.operands.some((operand) => matchesFilter(operand, schema, message));
    case "not":
      return !matchesFilter(filter.operand, schema, message);
    case "restriction": {
      const values = valuesAt(reflect(schema, message), filter.path);
      return satisfies(values, filter.comparator, filter.value);
    }
  }
}

/** All values a path leads to, as comparable text or numbers; none when a field on the way is not set. */
function valuesAt(message: ReflectMessage, path: readonly string[]): Comparable[] {
  const [name, ...rest] = path;
  const field = message.desc.fields.find((each) => each.name === name || each.jsonName === name);
  if (!field) throw unknownField(path);
  if (field.fieldKind === "map") return valuesOfMap(message.get(field), rest);
  if (field.fieldKind === "list") {
    const items = [...message.get(field)];
    if (field.listKind === "message") return items.flatMap((item) => valuesOfMessage(item as ReflectMessage, rest));
    return items.map((item) => comparable(item, field.listKind === "enum" ? field.enum.value : undefined));
  }
  if (field.fieldKind === "message") return message.isSet(field) ? valuesOfMessage(message.get(field), rest) : [];
  if (rest.length > 0) throw unknownField(path);
  const isUnsetOneof = field.oneof && !message.isSet(field);
  if (isUnsetOneof) return [];
  return [comparable(message.get(field), field.fieldKind === "enum" ? field.enum.value : undefined)];
}

type Comparable = string | number;

function valuesOfMessage(message: ReflectMessage, rest: readonly string[]): Comparable[] {
  if (rest.length > 0) return valuesAt(message, rest);
  if (message.desc.typeName === "google.protobuf.Timestamp") return [timestampMs(message.message as Timestamp)];
  return [""];
}

function valuesOfMap(map: Iterable<[unknown, unknown]>, rest: readonly string[]): Comparable[] {
  const entries = [...map];
  if (rest.length === 0) return entries.map(([key]) => String(key));
  return entries.filter(([key]) => key === rest.join(".")).map(([, value]) => comparable(value, undefined));
}

function comparable(value: unknown, enumValues: Readonly<Record<number, { name: string }>> | undefined): Comparable {
  if (enumValues) return enumValues[value as number]?.name ?? String(value);
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : String(value);
}

function satisfies(values: readonly Comparable[], comparator: Comparator, wanted: string): boolean {
  if (comparator === "!=") return !values.some((value) => isEqual(value, wanted));
  if (comparator === "=" || comparator === ":") return values.some((value) => isEqual(value, wanted));
  return values.some((value) => isOrdered(compare(value, wanted), comparator));
}

function isEqual(value: Comparable, wanted: string): boolean {
  if (typeof value === "number") return compare(value, wanted) === 0;
  if (!wanted.includes("*")) return value === wanted;
  return wildcards(wanted).matches(value);
}

function compare(value: Comparable, wanted: string): number {
  if (typeof value === "string") return value < wanted ? -1 : Number(value > wanted);
  const number = /^-?[\d.]+$/.test(wanted) ? Number(wanted) : Date.parse(wanted);
  return value - number;
}

function isOrdered(difference: number, comparator: Comparator): boolean {
  if (comparator === "<") return difference < 0;
  if (comparator === "<=") return difference <= 0;
  return comparator === ">" ? difference > 0 : difference >= 0;
}

function unknownField(path: readonly string[]) {
  const description = `Invalid filter: unknown field '${path.join(".")}'.`;
  return invalidArgument(description, [{ field: "filter", description }]);
}
