import { type DescMessage, type Message, type Registry, toJson } from "@bufbuild/protobuf";
import { type HttpBody, HttpBodySchema } from "../../gen/google/api/httpbody_pb.js";

/** Content type and bytes of a REST answer. */
export interface EncodedResponse {
  readonly contentType: string;
  readonly body: Buffer | string;
}

/** How the client wants JSON: the system parameters that change it. */
export interface JsonStyle {
  readonly enumAsInteger: boolean;
  readonly pretty: boolean;
}

/** Reads $alt / alt ("json;enum-encoding=int") and prettyPrint. */
export function jsonStyleOf(query: URLSearchParams): JsonStyle {
  const alt = query.get("$alt") ?? query.get("alt") ?? "";
  return {
    enumAsInteger: alt.includes("enum-encoding=int"),
    pretty: (query.get("prettyPrint") ?? query.get("$prettyPrint")) !== "false",
  };
}

/** Canonical proto3 JSON of a message; google.api.HttpBody answers are sent as the raw content they hold. */
export function encodeResponse(
  schema: DescMessage,
  message: Message,
  style: JsonStyle,
  registry: Registry,
): EncodedResponse {
  if (schema.typeName === HttpBodySchema.typeName) {
    const { contentType, data } = message as HttpBody;
    return { contentType, body: Buffer.from(data) };
  }
  const json = toJson(schema, message, { registry, enumAsInteger: style.enumAsInteger });
  return jsonResponse(json, style.pretty);
}

/** JSON text as Google's REST front end sends it. */
export function jsonResponse(json: unknown, pretty: boolean): EncodedResponse {
  const body = pretty ? `${JSON.stringify(json, undefined, 2)}\n` : JSON.stringify(json);
  return { contentType: "application/json; charset=UTF-8", body };
}
