import { HEXADECIMAL, type Ids } from "../../platform/ids.ts";

/** The trace a request belongs to, with the span that ingress makes for it. */
export interface Trace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** The caller's span, where it named one. */
  readonly parentSpanId: string | undefined;
  readonly sampled: boolean;
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const NO_SPAN = "0".repeat(16);
const CLOUD_TRACE_CONTEXT = /^([0-9a-f]{32})(?:\/(\d{1,20}))?(?:;o=(\d+))?$/i;

/**
 * A span in the trace that the request names by traceparent or X-Cloud-Trace-Context, or in a new one, which is sampled
 * when `sampleNew` says so. Google: Cloud Trace, "Trace context"; W3C Trace Context.
 */
export function traceOf(
  headers: { readonly traceparent?: string; readonly "x-cloud-trace-context"?: string },
  ids: Ids,
  sampleNew = false,
): Trace {
  const { traceId, parentSpanId, sampled } = parseTraceparent(headers.traceparent) ??
    parseCloudTrace(headers["x-cloud-trace-context"]) ?? {
      traceId: ids.text(32, HEXADECIMAL),
      parentSpanId: undefined,
      sampled: sampleNew,
    };
  return { traceId, spanId: ids.text(16, HEXADECIMAL), parentSpanId, sampled };
}

/** The value of the traceparent header. */
export function formatTraceparent({ traceId, spanId, sampled }: Trace): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

/** The value of the X-Cloud-Trace-Context header; its span id is decimal. */
export function formatCloudTrace({ traceId, spanId, sampled }: Trace): string {
  return `${traceId}/${decimalOf(spanId)};o=${sampled ? 1 : 0}`;
}

/** The number that 16 hexadecimal digits are. In two halves, of which each is exact: a BigInt costs several times as much. */
function decimalOf(digits: string): string {
  const high = Number.parseInt(digits.slice(0, 8), 16);
  const low = Number.parseInt(digits.slice(8), 16);
  // 2^32 is 42949 * 10^5 + 67296.
  const rest = high * 67_296 + low;
  const upper = high * 42_949 + Math.floor(rest / 1e5);
  return upper === 0 ? String(rest) : `${upper}${String(rest % 1e5).padStart(5, "0")}`;
}

type CallersTrace = Omit<Trace, "spanId">;

function parseTraceparent(value: string | undefined): CallersTrace | undefined {
  const match = value === undefined ? null : TRACEPARENT.exec(value);
  if (match === null) return undefined;
  const [, traceId = "", parentSpanId, flags = "0"] = match;
  return { traceId, parentSpanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

function parseCloudTrace(value: string | undefined): CallersTrace | undefined {
  const match = value === undefined ? null : CLOUD_TRACE_CONTEXT.exec(value);
  if (match === null) return undefined;
  const [, traceId = "", span, options] = match;
  const hex = span === undefined ? "" : BigInt(span).toString(16).padStart(16, "0");
  // A number that does not fit 64 bits is no span, and neither is 0.
  const parentSpanId = hex.length === 16 && hex !== NO_SPAN ? hex : undefined;
  return { traceId: traceId.toLowerCase(), parentSpanId, sampled: options === "1" };
}
