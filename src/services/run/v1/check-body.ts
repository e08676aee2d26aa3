import { type FieldViolation, invalidArgument, unsupportedField } from "../../../wire/errors.ts";
import type { Shape } from "./shapes.ts";

/**
 * The body as far as the shape knows it: ignored and null values left out, numbers given as text turned into numbers.
 * Unknown names and wrong types are INVALID_ARGUMENT in the wording of Google's REST front end, with all of them as
 * details; unsupported fields are refused by name. `root` is the front end's name of the body, "service".
 */
export function checkBody(shape: Shape, body: unknown, root: string): unknown {
  const found: FieldViolation[] = [];
  const value = readValue(shape, body, root, found);
  if (found.length > 0) throw invalidArgument(found.map(({ description }) => description).join("\n"), found);
  return value;
}

const INT32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };

function readValue(shape: Shape, value: unknown, path: string, found: FieldViolation[]): unknown {
  if (value === null || value === undefined || shape === "ignored") return undefined;
  if (shape === "unsupported") return refuse(value, path);
  if (shape === "stringMap") return readMap(value, path, found);
  if (typeof shape === "string") return readScalar(shape, value, path, found);
  if ("list" in shape) return readList(shape.list, value, path, found);
  return readFields(shape.fields, value, path, found);
}

function readFields(fields: Readonly<Record<string, Shape>>, value: unknown, path: string, found: FieldViolation[]) {
  if (!isObject(value)) return wrongType("message", value, path, found);
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => {
    const shape = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (shape) return [name, readValue(shape, inner, `${path}.${name}`, found)];
    const description = `Invalid JSON payload received. Unknown name "${name}" at '${path}': Cannot find field.`;
    found.push({ field: path, description });
    return [name, undefined];
  });
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
}

function readList(shape: Shape, value: unknown, path: string, found: FieldViolation[]) {
  if (!Array.isArray(value)) return wrongType("list", value, path, found);
  return value.map((item, index) => readValue(shape, item, `${path}[${index}]`, found));
}

function readMap(value: unknown, path: string, found: FieldViolation[]) {
  if (!isObject(value)) return wrongType("map", value, path, found);
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
    // gcloud and YAML files write numbers and booleans bare, for example cpu: 1.
    if (typeof inner === "string") return [key, inner];
    return [key, readScalar("string", inner, `${path}[${key}]`, found)];
  });
  return Object.fromEntries(entries);
}

function readScalar(shape: "string" | "int32" | "bool", value: unknown, path: string, found: FieldViolation[]) {
  if (shape === "string" && typeof value === "string") return value;
  if (shape === "bool" && typeof value === "boolean") return value;
  if (shape === "int32" && (typeof value === "number" || typeof value === "string") && value !== "") {
    const number = Number(value);
    if (Number.isInteger(number) && number >= INT32.min && number <= INT32.max) return number;
  }
  return wrongType(`TYPE_${shape.toUpperCase()}`, value, path, found);
}

function wrongType(type: string, value: unknown, path: string, found: FieldViolation[]): undefined {
  found.push({ field: path, description: `Invalid value at '${path}' (${type}), ${JSON.stringify(value)}` });
}

function refuse(value: unknown, path: string): undefined {
  const isEmpty = value === "" || value === 0 || value === false;
  const isEmptyObject = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  if (!isEmpty && !isEmptyObject) throw unsupportedField(path.slice(path.indexOf(".") + 1));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
