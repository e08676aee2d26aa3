import type { OutgoingHttpHeaders as HeaderFields } from "node:http";
import type { Fields } from "../http1/fields.ts";
import { formatCloudTrace, formatTraceparent, type Trace } from "./trace.ts";

/** What ingress itself reads of a request's fields, by name, and the fields that go on as they are. */
export interface RequestFields {
  readonly passed: string[];
  readonly "user-agent"?: string;
  readonly cookie?: string;
  readonly authorization?: string;
  readonly "x-serverless-authorization"?: string;
  readonly traceparent?: string;
  readonly "x-cloud-trace-context"?: string;
  readonly "x-forwarded-for"?: string;
  readonly forwarded?: string;
  readonly te?: string;
}

/** What ingress knows about a request besides its own headers. */
export interface ForwardContext {
  readonly host: string;
  readonly scheme: "http" | "https";
  readonly remoteAddress: string;
  readonly trace: Trace;
  /** The field whose token was checked, in lower case: its signature is not the container's business. */
  readonly checkedField: CredentialField | undefined;
}

/** Where a caller's credential may stand. */
export type CredentialField = "authorization" | "x-serverless-authorization";

type Treatment = "DROP" | "READ" | "READ_AND_DROP";

/** RFC 9110, section 7.6.1, and what ingress answers or makes itself. */
const TREATMENTS = new Map<string, Treatment>([
  ["connection", "DROP"],
  ["keep-alive", "DROP"],
  ["proxy-authenticate", "DROP"],
  ["proxy-authorization", "DROP"],
  ["proxy-connection", "DROP"],
  ["te", "READ_AND_DROP"],
  ["transfer-encoding", "DROP"],
  ["upgrade", "DROP"],
  ["http2-settings", "DROP"],
  ["expect", "DROP"],
  ["host", "DROP"],
  ["x-forwarded-proto", "DROP"],
  ["x-forwarded-for", "READ_AND_DROP"],
  ["forwarded", "READ_AND_DROP"],
  ["traceparent", "READ_AND_DROP"],
  ["x-cloud-trace-context", "READ_AND_DROP"],
  ["user-agent", "READ"],
  ["cookie", "READ"],
  ["authorization", "READ"],
  ["x-serverless-authorization", "READ"],
]);

/** Google's own, which clients cannot send. Google: Cloud Run functions, "Request headers". */
const RESERVED = "x-google-";

const NOT_RETURNED = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  "content-length",
  "server",
  "x-cloud-trace-context",
]);

const SIGNATURE_REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE";

/** Google: what its front ends call themselves in every response, whatever the container says. */
export const SERVER = "Google Frontend";

/** Sorts a request's fields in one pass; repeated ones that ingress reads are joined by commas, cookies by semicolons. */
export function readRequestFields(fields: Fields, hopByHop: readonly string[]): RequestFields {
  const passed: string[] = [];
  const read: Record<string, unknown> = { passed };
  for (let n = 0; n < fields.length; n += 2) {
    const name = fields[n]!;
    const value = fields[n + 1]!;
    const key = name.toLowerCase();
    const treatment = TREATMENTS.get(key);
    if (treatment === "DROP" || (hopByHop.length > 0 && hopByHop.includes(key)) || key.startsWith(RESERVED)) continue;
    if (treatment !== undefined) {
      const before = read[key];
      read[key] = before === undefined ? value : `${before as string}${key === "cookie" ? "; " : ","}${value}`;
    }
    if (treatment !== "READ_AND_DROP") passed.push(name, value);
  }
  return read as unknown as RequestFields;
}

/**
 * The headers that the container gets: hop-by-hop fields are gone, Host is kept, X-Forwarded-For and Forwarded grow by
 * the caller, trace headers are there. Google: Cloud Run, container runtime contract, "HTTP headers".
 */
export function requestHeaders(read: RequestFields, context: ForwardContext): string[] {
  const { remoteAddress, scheme, trace, checkedField } = context;
  const result = ["Host", context.host];
  const { passed } = read;
  for (let n = 0; n < passed.length; n += 2) {
    const name = passed[n]!;
    const isChecked = checkedField !== undefined && name.toLowerCase() === checkedField;
    result.push(name, isChecked ? withoutSignature(passed[n + 1]!) : passed[n + 1]!);
  }
  const node = remoteAddress.includes(":") ? `"[${remoteAddress}]"` : `"${remoteAddress}"`;
  const { "x-forwarded-for": forwardedFor, forwarded } = read;
  result.push("X-Forwarded-For", forwardedFor === undefined ? remoteAddress : `${forwardedFor},${remoteAddress}`);
  result.push("X-Forwarded-Proto", scheme);
  const hop = `for=${node};proto=${scheme}`;
  result.push("Forwarded", forwarded === undefined ? hop : `${forwarded},${hop}`);
  result.push("X-Cloud-Trace-Context", formatCloudTrace(trace), "traceparent", formatTraceparent(trace));
  return result;
}

/** The same as an object for HTTP/2, names in lower case. */
export function toHttp2Headers(fields: Fields): HeaderFields {
  const result: HeaderFields = {};
  for (let n = 0; n < fields.length; n += 2) {
    const name = fields[n]!.toLowerCase();
    if (name !== "host") addField(result, name, fields[n + 1]!);
  }
  return result;
}

/** The fields of Google's front end for an answer that it gives itself. */
export function frontEndFields(trace: Trace | undefined, nowMs: number): string[] {
  const fields = ["Date", httpDate(nowMs), "Server", SERVER];
  if (trace !== undefined) fields.push("X-Cloud-Trace-Context", traceOfResponse(trace));
  return fields;
}

/** The fields of a container's answer that the caller gets, and those of the front end. Google: `curl -i` of any service. */
export function responseFields(fields: Fields, hopByHop: readonly string[], trace: Trace, nowMs: number): string[] {
  const result: string[] = [];
  let hasDate = false;
  for (let n = 0; n < fields.length; n += 2) {
    const key = fields[n]!.toLowerCase();
    if (NOT_RETURNED.has(key) || (hopByHop.length > 0 && hopByHop.includes(key))) continue;
    if (key === "date") hasDate = true;
    result.push(fields[n]!, fields[n + 1]!);
  }
  result.push("X-Cloud-Trace-Context", traceOfResponse(trace));
  if (!hasDate) result.push("Date", httpDate(nowMs));
  result.push("Server", SERVER);
  return result;
}

/** Trailers without names that would say something about the message's framing, routing or hop. RFC 9110, section 6.5.1. */
export function trailerFields(fields: Fields): string[] {
  const result: string[] = [];
  for (let n = 0; n < fields.length; n += 2) {
    const key = fields[n]!.toLowerCase();
    if (NOT_RETURNED.has(key) || TREATMENTS.has(key) || key.startsWith(":")) continue;
    result.push(fields[n]!, fields[n + 1]!);
  }
  return result;
}

function traceOfResponse({ traceId, sampled }: Trace): string {
  return sampled ? `${traceId};o=1` : traceId;
}

let dateMs = 0;
let date = "";

/** The time as a Date field has it; made once a second. */
export function httpDate(nowMs: number): string {
  const second = nowMs - (nowMs % 1000);
  if (second !== dateMs) {
    dateMs = second;
    date = new Date(second).toUTCString();
  }
  return date;
}

/** Repeated fields are joined, which says the same; Node refuses some as a list. Only cookies cannot be. RFC 9110, 5.3. */
function addField(fields: HeaderFields, name: string, value: string): void {
  const before = fields[name];
  if (before === undefined) fields[name] = value;
  else if (name !== "set-cookie") fields[name] = `${String(before)}${name === "cookie" ? "; " : ", "}${value}`;
  else fields[name] = Array.isArray(before) ? [...before, value] : [String(before), value];
}

/**
 * Google: Cloud Run, "Authenticating service-to-service": the signature of a checked ID token is replaced. That of an
 * access token (a prefix before the parts of a JWT) is, too: the container could act as the caller with it.
 */
function withoutSignature(value: string): string {
  const match = /^(bearer\s+(?:[\w-]+\.){2,})[\w-]+\s*$/i.exec(value);
  return match === null ? value : `${match[1]}${SIGNATURE_REMOVED}`;
}
