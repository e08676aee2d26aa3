import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { InstanceLogEntry } from "../../../instances/serving.ts";
import { requestSpan } from "./request-span.ts";

/** Sends spans of requests to an OpenTelemetry collector. */
export interface TraceExporter extends AsyncDisposable {
  /** Takes the span of a sampled request, told by its entry in the request log; never throws, never blocks. */
  observe(entry: InstanceLogEntry): void;
}

/**
 * Exports to an OTLP/HTTP endpoint such as http://127.0.0.1:4318, in batches, with the retries that OTLP asks for. What the
 * OTEL_EXPORTER_OTLP_* variables say of headers and time-outs holds. Disposing sends what waits.
 */
export async function exportTraces(endpoint: string): Promise<TraceExporter> {
  // A start of the server without a collector does not wait for these.
  const [{ OTLPTraceExporter }, { BatchSpanProcessor }, { resourceFromAttributes }] = await Promise.all([
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/sdk-trace-base"),
    import("@opentelemetry/resources"),
  ]);
  const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`;
  const processor = new BatchSpanProcessor(new OTLPTraceExporter({ url }));
  const onEnd = (span: ReadableSpan) => processor.onEnd(span);
  return {
    observe(entry) {
      if (entry.log !== "requests" || entry.traceSampled !== true) return;
      onEnd(requestSpan(entry, resourceFromAttributes));
    },
    [Symbol.asyncDispose]: () => processor.shutdown(),
  };
}
