import type { ServiceModule } from "../../../wire/service-module.ts";
import type { MetricsExporter } from "./metrics-exporter.ts";
import { formatExposition, PROMETHEUS_TYPE } from "./prometheus.ts";
import type { RunMetrics } from "./run-metrics.ts";

export interface MetricsApiDeps {
  readonly runMetrics: RunMetrics;
  readonly metricsExporter: Pick<MetricsExporter, "flush">;
}

/** GET /metrics on the shared port, for Prometheus. Google has no such API: this one is homerun's. */
export function metricsApi({ runMetrics, metricsExporter }: MetricsApiDeps): ServiceModule {
  return {
    name: "metrics",
    services: [],
    rpcs: [],
    surfaces: [
      {
        matches: (path, method) => method === "GET" && path === "/metrics",
        async fetch() {
          const gauges = await metricsExporter.flush();
          const text = formatExposition({ counters: runMetrics.measurements.totals(), gauges });
          return new Response(text, { headers: { "content-type": PROMETHEUS_TYPE } });
        },
      },
    ],
  };
}
