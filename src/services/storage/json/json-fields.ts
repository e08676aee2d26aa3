import { type Timestamp, timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { invalidValue } from "../errors.ts";
import type { Json } from "./json-call.ts";

/** A text field; "" when it is absent or null. */
export function textOf(json: Json, name: string): string {
  const value = json[name] ?? "";
  if (typeof value !== "string") throw wrongType(name);
  return value;
}

/** A flag; false when it is absent or null. */
export function flagOf(json: Json, name: string): boolean {
  const value = json[name] ?? false;
  if (typeof value !== "boolean") throw wrongType(name);
  return value;
}

/** A field that holds an object; empty when it is absent or null. */
export function objectOf(json: Json, name: string): Json {
  const value = json[name] ?? {};
  if (typeof value !== "object" || Array.isArray(value)) throw wrongType(name);
  return value as Json;
}

/** A field that holds a list of objects. */
export function listOf(json: Json, name: string): readonly Json[] {
  const value = json[name] ?? [];
  if (!Array.isArray(value) || value.some((one) => typeof one !== "object" || one === null)) throw wrongType(name);
  return value as Json[];
}

/** A field that holds a list of texts. */
export function textsOf(json: Json, name: string): string[] {
  const value = json[name] ?? [];
  if (!Array.isArray(value) || value.some((one) => typeof one !== "string")) throw wrongType(name);
  return value as string[];
}

/** A field that holds texts by name; null values are left out. */
export function mapOf(json: Json, name: string): Record<string, string> {
  const entries = Object.entries(objectOf(json, name)).filter(([, value]) => value !== null);
  if (entries.some(([, value]) => typeof value !== "string")) throw wrongType(name);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** A number, also when it is written as text. */
export function numberOf(json: Json, name: string): number {
  const value = Number(json[name] ?? 0);
  if (!Number.isSafeInteger(value)) throw wrongType(name);
  return value;
}

/** A 64-bit number, as text or not; undefined when it is absent or null. */
export function bigintOf(json: Json, name: string): bigint | undefined {
  const value = json[name] ?? "";
  if (value === "") return undefined;
  if ((typeof value !== "string" && typeof value !== "number") || !/^\d{1,19}$/.test(`${value}`)) throw wrongType(name);
  return BigInt(value);
}

/** An RFC 3339 time. */
export function timeOf(json: Json, name: string): Timestamp | undefined {
  const text = textOf(json, name);
  if (text === "") return undefined;
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw wrongType(name);
  return timestampFromDate(date);
}

/** A time as the JSON API writes it. */
export function formatTime(time: Timestamp): string {
  return timestampDate(time).toISOString();
}

function wrongType(name: string) {
  return invalidValue(`Invalid value for: ${name}`, name);
}
