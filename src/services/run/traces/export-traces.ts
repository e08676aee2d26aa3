import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { InstanceLogEntry } from "../../../instances/serving.ts";
import type { Log } from "../../../platform/log.ts";
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
export function exportTraces(endpoint: string, log: Log): TraceExporter {
  // A start of the server does not wait for the exporter's packages.
  let loading: Promise<SpanSink> | undefined;
  const load = () => {
    loading ??= openSink(endpoint);
    loading.catch((error: unknown) => log.error("traces cannot be exported", { endpoint, error }));
    return loading;
  };
  return {
    observe(entry) {
      if (entry.log !== "requests" || entry.traceSampled !== true) return;
      void load().then(
        (sink) => sink.end(entry),
        () => undefined,
      );
    },
    async [Symbol.asyncDispose]() {
      const sink = await loading?.catch(() => undefined);
      await sink?.shutdown().catch((error: unknown) => log.error("traces were lost", { endpoint, error }));
    },
  };
}

interface SpanSink {
  end(entry: InstanceLogEntry): void;
  shutdown(): Promise<void>;
}

async function openSink(endpoint: string): Promise<SpanSink> {
  const [{ OTLPTraceExporter }, { BatchSpanProcessor }, { resourceFromAttributes }] = await Promise.all([
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/sdk-trace-base"),
    import("@opentelemetry/resources"),
  ]);
  const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`;
  const processor = new BatchSpanProcessor(new OTLPTraceExporter({ url }));
  return {
    end(entry) {
      const span: ReadableSpan = requestSpan(entry, resourceFromAttributes);
      processor.onEnd(span);
    },
    shutdown: () => processor.shutdown(),
  };
}
