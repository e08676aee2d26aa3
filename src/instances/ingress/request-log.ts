import type { InstanceLogEntry } from "../serving.ts";
import type { Exchange } from "./exchange.ts";

/** The entry of the request log for a request that has ended. Google: Cloud Run, "Logging", request logs. */
export function requestLogEntry(exchange: Exchange, endMs: number): InstanceLogEntry {
  const { stream, spec, trace, status, message } = exchange;
  return {
    workload: spec,
    instanceId: exchange.instance?.id ?? "",
    log: "requests",
    timestampMs: exchange.startMs,
    severity: severityOf(status),
    textPayload: message,
    traceId: trace.traceId,
    spanId: trace.spanId,
    parentSpanId: trace.parentSpanId,
    traceSampled: trace.sampled,
    httpRequest: {
      requestMethod: stream.method,
      requestUrl: exchange.url,
      requestSize: exchange.requestBytes + headerBytes(exchange.headers),
      status,
      responseSize: exchange.responseBytes,
      userAgent: exchange.userAgent,
      remoteIp: stream.connection.remoteAddress,
      latencyMs: endMs - exchange.startMs,
      protocol: stream.protocol,
    },
  };
}

function severityOf(status: number): string {
  if (status >= 500) return "ERROR";
  return status >= 400 ? "WARNING" : "INFO";
}

/** Size of header lines as they stand on the wire: name, colon, blank, value, line end. */
function headerBytes(headers: readonly string[]): number {
  let bytes = 0;
  for (const text of headers) bytes += text.length + 2;
  return bytes;
}
