import { type DescMessage, fromJson, type JsonValue, type Message, type Registry } from "@bufbuild/protobuf";
import { invalidArgument } from "../errors.ts";
import { HttpBodySchema } from "../../gen/google/api/httpbody_pb.js";
import { bindQuery } from "./query.ts";
import { findField, setPath } from "./json-path.ts";
import type { RestMatch } from "./router.ts";
import { readBooleanTexts } from "./boolean-texts.ts";
import { setUndeclaredFields, takeUndeclaredFields } from "./undeclared-fields.ts";
import { findUnknownFields } from "./unknown-fields.ts";

/**
 * The request message of a REST call: path variables, query and body put together as google.api.http says.
 * A body that is a google.api.HttpBody takes the content as it comes.
 * Google: google/api/http.proto, "Rules for HTTP mapping"; google/api/httpbody.proto.
 */
export function decodeRequest(
  match: RestMatch,
  query: URLSearchParams,
  content: { readonly body: Buffer; readonly contentType: string },
  registry: Registry,
): Message {
  const { method, body: bodyField, path } = match.binding;
  const { json, undeclared } = bodyOf(method.input, bodyField, content);
  bindQuery(method.input, json, query);
  path.variables.forEach((variable, index) => {
    const fields = findField(method.input, variable);
    if (!fields) throw new Error(`${method.input.typeName} has no field ${variable}`);
    setPath(json, fields, match.values[index]);
  });
  const message = decode(method.input, json, registry);
  setUndeclaredFields(message, undeclared);
  return message;
}

function bodyOf(
  schema: DescMessage,
  bodyField: string,
  { body, contentType }: { readonly body: Buffer; readonly contentType: string },
): { json: Record<string, unknown>; undeclared: string[] } {
  if (bodyField === "" || body.length === 0) return { json: {}, undeclared: [] };
  const raw = bodyField === "*" ? undefined : findField(schema, bodyField)?.[0];
  if (raw?.message?.typeName === HttpBodySchema.typeName)
    return { json: { [raw.jsonName]: { contentType, data: body.toString("base64") } }, undeclared: [] };
  const json = parse(body);
  const undeclared = isObject(json) ? takeUndeclaredFields(schema, json) : [];
  const field = bodyField === "*" ? undefined : findField(schema, bodyField)?.[0];
  const violations = findUnknownFields(field?.message ?? schema, json, field?.name ?? "");
  if (violations.length) throw invalidArgument(violations.map((each) => each.description).join("\n"), violations);
  if (isObject(json)) readBooleanTexts(field?.message ?? schema, json);
  return { json: field ? { [field.jsonName]: json } : (json as Record<string, unknown>), undeclared };
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw invalidArgument(`Invalid JSON payload received. ${(error as Error).message}`);
  }
}

function decode(schema: DescMessage, json: Record<string, unknown>, registry: Registry): Message {
  try {
    // Unknown names in bodies are reported above; what is left are enum values newer than our protos.
    return fromJson(schema, json as JsonValue, { registry, ignoreUnknownFields: true });
  } catch (error) {
    throw invalidArgument(`Invalid JSON payload received. ${(error as Error).message}`);
  }
}
