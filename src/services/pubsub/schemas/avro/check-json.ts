import type { Type, types } from "avsc";
import { InvalidMessage } from "../compiled-schema.ts";

/** Throws an InvalidMessage when a value of a type is not encoded like that. */
export type CheckJson = (value: unknown) => void;

const MAX_INT = 2 ** 31;
const MAX_LONG = 2 ** 63;

/**
 * How values of an Avro type look in JSON: unions name their branch, bytes are text of 8-bit characters.
 * Google: avro.apache.org/docs/1.11.1/specification, "JSON Encoding"; the wording of errors is Pub/Sub's.
 */
export function checkJsonOf(type: Type, known = new Map<Type, CheckJson>()): CheckJson {
  const already = known.get(type);
  if (already) return already;
  // A type may hold itself: its check is known before it is made.
  let check: CheckJson | undefined;
  known.set(type, (value) => check!(value));
  check = make(type, (inner) => checkJsonOf(inner, known));
  return check;
}

function make(type: Type, checkOf: (type: Type) => CheckJson): CheckJson {
  switch (type.typeName) {
    case "record":
    case "error":
      return recordCheck(type as types.RecordType, checkOf);
    case "array":
      return arrayCheck(checkOf((type as types.ArrayType).itemsType));
    case "map":
      return mapCheck(checkOf((type as types.MapType).valuesType));
    case "enum":
      return enumCheck(type as types.EnumType);
    case "union:wrapped":
    case "union:unwrapped":
      return unionCheck(type as types.WrappedUnionType, checkOf);
    case "fixed":
      return (value) => {
        if (typeof value !== "string" || value.length !== (type as types.FixedType).size)
          throw mismatch(value, "fixed");
      };
    default:
      return primitiveCheck(type.typeName);
  }
}

function primitiveCheck(name: string): CheckJson {
  const isInteger = (value: unknown, max: number) =>
    typeof value === "number" && Number.isInteger(value) && value >= -max && value <= max;
  const checks: Readonly<Record<string, readonly [expected: string, fits: (value: unknown) => boolean]>> = {
    null: ["null", (value) => value === null],
    boolean: ["boolean", (value) => typeof value === "boolean"],
    int: ["number_integer", (value) => isInteger(value, MAX_INT) && value !== MAX_INT],
    long: ["number_integer", (value) => isInteger(value, MAX_LONG)],
    float: ["number_float", (value) => typeof value === "number"],
    double: ["number_float", (value) => typeof value === "number"],
    string: ["string", (value) => typeof value === "string"],
    bytes: ["string", (value) => typeof value === "string"],
  };
  const [expected, fits] = checks[name]!;
  return (value) => {
    if (!fits(value)) throw mismatch(value, expected);
  };
}

function recordCheck({ fields }: types.RecordType, checkOf: (type: Type) => CheckJson): CheckJson {
  const checks = fields.map(({ name, type }) => [name, checkOf(type)] as const);
  return (value) => {
    if (!isObject(value)) throw mismatch(value, "object");
    for (const [name, check] of checks) {
      if (!Object.hasOwn(value, name)) throw new InvalidMessage(`JSON object is missing the field ${name}`);
      check(value[name]);
    }
  };
}

function arrayCheck(check: CheckJson): CheckJson {
  return (value) => {
    if (!Array.isArray(value)) throw mismatch(value, "array");
    value.forEach(check);
  };
}

function mapCheck(check: CheckJson): CheckJson {
  return (value) => {
    if (!isObject(value)) throw mismatch(value, "object");
    Object.values(value).forEach(check);
  };
}

function enumCheck({ symbols }: types.EnumType): CheckJson {
  return (value) => {
    if (typeof value !== "string") throw mismatch(value, "string");
    if (!symbols.includes(value)) throw new InvalidMessage(`JSON value ${value} is not a symbol of the enum`);
  };
}

function unionCheck({ types: branches }: types.WrappedUnionType, checkOf: (type: Type) => CheckJson): CheckJson {
  const checks = new Map(branches.map((branch) => [branch.branchName!, checkOf(branch)]));
  return (value) => {
    if (value === null && checks.has("null")) return;
    const [entry, ...more] = isObject(value) ? Object.entries(value) : [];
    const check = entry && more.length === 0 && entry[0] !== "null" ? checks.get(entry[0]) : undefined;
    if (!check) throw mismatch(value, `one of the union ${[...checks.keys()].join(", ")}`);
    check(entry![1]);
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mismatch(value: unknown, expected: string): InvalidMessage {
  return new InvalidMessage(
    `JSON object with type ${typeNameOf(value)} does not match schema which expected ${expected}`,
  );
}

function typeNameOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "number_integer" : "number_float";
  return typeof value;
}
