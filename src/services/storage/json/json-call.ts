import type { Call } from "../../../wire/call.ts";
import type { Conditions } from "../conditions.ts";
import { invalidValue, notSupported } from "../errors.ts";
import { readText } from "../http/request-body.ts";
import { LIMITS } from "../limits.ts";
import type { StorageModel } from "../model.ts";

/** A parsed JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** One request to the JSON API on its way. */
export interface JsonCall {
  readonly model: StorageModel;
  readonly request: Request;
  readonly call: Call;
  readonly query: URLSearchParams;
  /** What stands in the path: bucket, object and so on, decoded. */
  readonly params: readonly string[];
}

/** Answers one method of the JSON API. */
export type JsonHandler = (call: JsonCall) => Promise<Response>;

/** Headers of encryption keys that a customer holds, which homerun does not take. */
const ENCRYPTION_HEADER = /^x-goog-(copy-source-)?encryption-/;
/** Parameters that ask for what homerun does not have. */
const UNSUPPORTED_PARAMETERS = [
  "destinationKmsKeyName",
  "destinationPredefinedAcl",
  "kmsKeyName",
  "overrideUnlockedRetention",
  "predefinedAcl",
  "predefinedDefaultObjectAcl",
  "restoreToken",
];

/** Rejects by name what a request asks for by parameters and headers that homerun does not have. */
export function refuseUnsupportedParameters(query: URLSearchParams, headers: Headers): void {
  const parameter = UNSUPPORTED_PARAMETERS.find((name) => query.get(name));
  if (parameter !== undefined) throw notSupported(parameter);
  const flag = ["softDeleted", "enableObjectRetention"].find((name) => isTrue(query, name));
  if (flag !== undefined) throw notSupported(flag);
  const header = [...headers.keys()].find((name) => ENCRYPTION_HEADER.test(name));
  if (header !== undefined) throw notSupported(header);
}

/** The body as a JSON object; empty for a request without one. */
export async function readJson(request: Request): Promise<Json> {
  const text = await readText(request, LIMITS.metadataBytes, () => invalidValue("The request is too large."));
  return parseJson(text);
}

/** A JSON object from text; "" stands for an empty one. */
export function parseJson(text: string): Json {
  if (text.trim() === "") return {};
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Json;
  } catch {
    throw invalidValue("Parse Error");
  }
  throw invalidValue("Parse Error");
}

/** ifGenerationMatch and its siblings; with a prefix, ifSourceGenerationMatch. */
export function conditionsOfQuery(query: URLSearchParams, prefix: "" | "Source" = ""): Conditions {
  return {
    ifGenerationMatch: integerOf(query, `if${prefix}GenerationMatch`),
    ifGenerationNotMatch: integerOf(query, `if${prefix}GenerationNotMatch`),
    ifMetagenerationMatch: integerOf(query, `if${prefix}MetagenerationMatch`),
    ifMetagenerationNotMatch: integerOf(query, `if${prefix}MetagenerationNotMatch`),
  };
}

/** A parameter that holds a number; absent and empty ones are undefined. */
export function integerOf(query: URLSearchParams, name: string): bigint | undefined {
  const text = query.get(name);
  if (!text) return undefined;
  if (!/^-?\d{1,19}$/.test(text)) throw invalidValue(`Invalid value for ${name}: "${text}"`, name);
  return BigInt(text);
}

/** A parameter that is true or false, as clients of all languages write it. */
export function isTrue(query: URLSearchParams, name: string): boolean {
  return (query.get(name) ?? "").toLowerCase() === "true";
}

/** JSON as Google sends it. */
export function jsonResponse(json: object, query: URLSearchParams): Response {
  const text = query.get("prettyPrint") === "false" ? JSON.stringify(json) : `${JSON.stringify(json, undefined, 2)}\n`;
  const headers = {
    "content-type": "application/json; charset=UTF-8",
    "content-length": String(Buffer.byteLength(text)),
    "cache-control": "no-cache, no-store, max-age=0, must-revalidate",
    ...("etag" in json && typeof json.etag === "string" && { etag: json.etag }),
  };
  return new Response(text, { headers });
}
