import type { Ids } from "../../platform/ids.ts";

/** The trace a request belongs to. */
export interface Trace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const CLOUD_TRACE_CONTEXT = /^([0-9a-f]{32})(?:\/(\d{1,20}))?(?:;o=(\d+))?$/i;

/**
 * The trace that the request names by traceparent or X-Cloud-Trace-Context, or a new unsampled one.
 * Google: Cloud Trace, "Trace context"; W3C Trace Context.
 */
export function traceOf(
  headers: { readonly traceparent?: string; readonly "x-cloud-trace-context"?: string },
  ids: Ids,
): Trace {
  return (
    parseTraceparent(headers.traceparent) ?? parseCloudTrace(headers["x-cloud-trace-context"], ids) ?? newTrace(ids)
  );
}

/** The value of the traceparent header. */
export function formatTraceparent({ traceId, spanId, sampled }: Trace): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

/** The value of the X-Cloud-Trace-Context header; its span id is decimal. */
export function formatCloudTrace({ traceId, spanId, sampled }: Trace): string {
  return `${traceId}/${BigInt(`0x${spanId}`)};o=${sampled ? 1 : 0}`;
}

function parseTraceparent(value: unknown): Trace | undefined {
  const match = typeof value === "string" ? TRACEPARENT.exec(value) : null;
  if (match === null) return undefined;
  const [, traceId = "", spanId = "", flags = "0"] = match;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

function parseCloudTrace(value: unknown, ids: Ids): Trace | undefined {
  const match = typeof value === "string" ? CLOUD_TRACE_CONTEXT.exec(value) : null;
  if (match === null) return undefined;
  const [, traceId = "", span, options] = match;
  const spanId = span === undefined ? "" : BigInt(span).toString(16).padStart(16, "0");
  return {
    traceId: traceId.toLowerCase(),
    spanId: spanId.length === 16 ? spanId : newSpanId(ids),
    sampled: options === "1",
  };
}

function newTrace(ids: Ids): Trace {
  return { traceId: hexadecimal(ids), spanId: newSpanId(ids), sampled: false };
}

function newSpanId(ids: Ids): string {
  return hexadecimal(ids).slice(16);
}

function hexadecimal(ids: Ids): string {
  return ids.uuid().replaceAll("-", "");
}
