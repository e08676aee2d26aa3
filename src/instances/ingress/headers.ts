import type { OutgoingHttpHeaders as HeaderFields } from "node:http";
import { formatCloudTrace, formatTraceparent, type Trace } from "./trace.ts";

/** Header fields as a flat list: name, value, name, value. */
export type RawHeaders = readonly string[];

/** What ingress knows about a request besides its own headers. */
export interface ForwardContext {
  readonly host: string;
  readonly scheme: "http" | "https";
  readonly remoteAddress: string;
  readonly trace: Trace;
  /** True: the caller's ID token was checked, so its signature is not the container's business. */
  readonly removeSignature: boolean;
}

/** RFC 9110, section 7.6.1, and what ingress answers or makes itself. */
const NOT_FORWARDED = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  "expect",
  "host",
  "x-forwarded-proto",
  "x-forwarded-for",
  "forwarded",
  "traceparent",
  "x-cloud-trace-context",
]);

const NOT_RETURNED = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

const SIGNATURE_REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE";

/**
 * The headers that the container gets: hop-by-hop fields are gone, Host is kept, X-Forwarded-For and Forwarded grow by
 * the caller, trace headers are there. Google: Cloud Run, container runtime contract, "HTTP headers".
 */
export function requestHeaders(raw: RawHeaders, context: ForwardContext): string[] {
  const dropped = connectionOptions(raw);
  const result = ["Host", context.host];
  const forwardedFor: string[] = [];
  const forwarded: string[] = [];
  for (let n = 0; n < raw.length; n += 2) {
    const name = raw[n] ?? "";
    const value = raw[n + 1] ?? "";
    const key = name.toLowerCase();
    if (key === "x-forwarded-for") forwardedFor.push(value);
    if (key === "forwarded") forwarded.push(value);
    if (key.startsWith(":") || NOT_FORWARDED.has(key) || dropped?.has(key) === true) continue;
    result.push(name, context.removeSignature ? withoutSignature(key, value) : value);
  }
  const { remoteAddress, scheme, trace } = context;
  const node = remoteAddress.includes(":") ? `"[${remoteAddress}]"` : `"${remoteAddress}"`;
  result.push("X-Forwarded-For", [...forwardedFor, remoteAddress].join(","));
  result.push("X-Forwarded-Proto", scheme);
  result.push("Forwarded", [...forwarded, `for=${node};proto=${scheme}`].join(","));
  result.push("X-Cloud-Trace-Context", formatCloudTrace(trace), "traceparent", formatTraceparent(trace));
  return result;
}

/** The same as an object for HTTP/2, names in lower case. */
export function toHttp2Headers(headers: RawHeaders): HeaderFields {
  const fields: HeaderFields = {};
  for (let n = 0; n < headers.length; n += 2) {
    const name = (headers[n] ?? "").toLowerCase();
    if (name !== "host") addField(fields, name, headers[n + 1] ?? "");
  }
  return fields;
}

/** The headers of a container's answer that the caller gets; bytes outside ASCII pass unchanged as latin1. */
export function responseHeaders(raw: readonly (Buffer | string)[]): HeaderFields {
  const text = raw.map((part) => (typeof part === "string" ? part : part.toString("latin1")));
  const dropped = connectionOptions(text);
  const fields: HeaderFields = {};
  for (let n = 0; n < text.length; n += 2) {
    const name = (text[n] ?? "").toLowerCase();
    if (!NOT_RETURNED.has(name) && dropped?.has(name) !== true) addField(fields, name, text[n + 1] ?? "");
  }
  return fields;
}

/** Adds a field; values of the same name before it stay. */
export function addField(fields: HeaderFields, name: string, value: string): void {
  const before = fields[name];
  if (before === undefined) fields[name] = value;
  else fields[name] = Array.isArray(before) ? [...before, value] : [String(before), value];
}

/** Names that a Connection field declares to be hop-by-hop; undefined when there are none. */
function connectionOptions(raw: RawHeaders): Set<string> | undefined {
  let options: Set<string> | undefined;
  for (let n = 0; n < raw.length; n += 2) {
    if (raw[n]?.toLowerCase() !== "connection") continue;
    options ??= new Set();
    for (const option of (raw[n + 1] ?? "").split(",")) options.add(option.trim().toLowerCase());
  }
  return options;
}

/**
 * Google: Cloud Run, "Authenticating service-to-service": the signature of a checked ID token is replaced. That of an
 * access token (a prefix before the parts of a JWT) is, too: the container could act as the caller with it.
 */
function withoutSignature(key: string, value: string): string {
  if (key !== "authorization" && key !== "x-serverless-authorization") return value;
  const match = /^(bearer\s+(?:[\w-]+\.){2,})[\w-]+\s*$/i.exec(value);
  return match === null ? value : `${match[1]}${SIGNATURE_REMOVED}`;
}
