import { invalidRequest } from "./errors.ts";
import type { PublishedEvent } from "./event.ts";

const OWN_FIELDS = new Set(["specversion", "id", "source", "type", "datacontenttype", "data", "data_base64"]);
const JSON_TYPE = /^[^/]+\/(json|[^;]*\+json)\s*(;|$)/i;

/** An event in CloudEvents' JSON format. CloudEvents 1.0.2, JSON event format. */
export function eventFromJson(text: string, field: string): PublishedEvent {
  const json = objectOf(text, field);
  const given = (name: string) => scalarText(json[name], `${field}.${name}`);
  if (given("specversion") !== "1.0")
    throw invalidRequest(
      `${field}.specversion`,
      `the version "${given("specversion")}" of CloudEvents is not supported`,
    );
  const extensions = Object.keys(json).filter((name) => !OWN_FIELDS.has(name) && json[name] !== null);
  return {
    id: given("id"),
    source: given("source"),
    type: given("type"),
    attributes: Object.fromEntries(extensions.map((name) => [name, given(name)])),
    contentType: given("datacontenttype") || (json["data"] === undefined ? "" : "application/json"),
    data: dataOf(json, given("datacontenttype"), field),
  };
}

function objectOf(text: string, field: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below, as for what is no object.
  }
  throw invalidRequest(field, "an event must be a JSON object");
}

function scalarText(value: unknown, field: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string" || typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isInteger(value)) return String(value);
  throw invalidRequest(field, "an attribute of an event must be a string, an integer or a boolean");
}

function dataOf(json: Record<string, unknown>, contentType: string, field: string): Uint8Array {
  const { data, data_base64: base64 } = json;
  if (data !== undefined && base64 !== undefined)
    throw invalidRequest(field, "data and data_base64 cannot both be set");
  if (typeof base64 === "string") return Buffer.from(base64, "base64");
  if (data === undefined) return new Uint8Array();
  const isText = typeof data === "string" && contentType !== "" && !JSON_TYPE.test(contentType);
  return Buffer.from(isText ? data : JSON.stringify(data));
}
