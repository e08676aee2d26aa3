import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { MetricDescriptor_MetricKind as Kind } from "../../../gen/google/api/metric_pb.js";
import type { TimeSeriesSchema } from "../../../gen/google/monitoring/v3/metric_pb.js";
import { MetricService } from "../../../gen/google/monitoring/v3/metric_service_pb.js";
import type { InstanceReadings } from "../../../instances/readings.ts";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import type { ServiceDeps } from "../../../wire/service-deps.ts";
import type { Measurement } from "./measurements.ts";
import type { RunMetrics } from "./run-metrics.ts";

/** Google: Cloud Run's metrics are sampled every 60 s. */
const PERIOD_MS = 60_000;
/** Series of one request to Cloud Monitoring, at most. */
const MAX_SERIES = 200;
/** Metrics that are whole numbers. */
const INTEGERS = /_count$|pending_requests$|running_task_attempts$/;

export interface MetricsExporterDeps extends Pick<ServiceDeps, "clients" | "clock" | "log"> {
  readonly metrics: RunMetrics;
  readonly readings: Pick<InstanceReadings, "take">;
}

/** Writes Cloud Run's metrics to Cloud Monitoring. */
export interface MetricsExporter extends AsyncDisposable {
  /** Writes what has come since the last time; the gauges of that moment. */
  flush(): Promise<readonly Measurement[]>;
}

/** Writes once a minute; disposing writes what is left. */
export function exportMetrics(deps: MetricsExporterDeps): MetricsExporter {
  const { clock, log, metrics, readings } = deps;
  let sinceMs = clock.nowMs();
  let flushing: Promise<readonly Measurement[]> | undefined;

  async function flushOnce(): Promise<readonly Measurement[]> {
    const gauges = metrics.observeInstances(await readings.take());
    const nowMs = Math.max(clock.nowMs(), sinceMs + 1);
    const deltas = metrics.measurements.take();
    const series = [
      ...deltas.map((each) => seriesOf(each, Kind.DELTA, sinceMs, nowMs)),
      ...gauges.map((each) => seriesOf(each, Kind.GAUGE, nowMs, nowMs)),
    ];
    sinceMs = nowMs;
    await write(deps, series);
    return gauges;
  }
  const flush = () => {
    flushing ??= flushOnce().finally(() => {
      flushing = undefined;
    });
    return flushing;
  };
  const timer = clock.every(PERIOD_MS, () => {
    flush().catch((error: unknown) => log.error("metrics could not be taken", { error }));
  });
  return {
    flush,
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      await flush();
    },
  };
}

type Series = MessageInitShape<typeof TimeSeriesSchema> & Pick<Measurement, "resource">;

function seriesOf(
  { metric, labels, resource, value }: Measurement,
  metricKind: Kind,
  startMs: number,
  endMs: number,
): Series {
  return {
    metric: { type: metric, labels },
    resource,
    metricKind,
    points: [
      {
        interval: { startTime: timestampFromMs(startMs), endTime: timestampFromMs(endMs) },
        value: { value: typedValueOf(metric, value) },
      },
    ],
  };
}

function typedValueOf(metric: string, value: Measurement["value"]) {
  if (typeof value !== "number") return { case: "distributionValue", value: value.toDistribution() } as const;
  if (INTEGERS.test(metric)) return { case: "int64Value", value: BigInt(Math.round(value)) } as const;
  return { case: "doubleValue", value } as const;
}

async function write({ clients, log }: MetricsExporterDeps, all: readonly Series[]): Promise<void> {
  for (const [project, series] of Map.groupBy(all, ({ resource }) => resource.labels["project_id"] ?? "")) {
    const email = `service-${projectNumberOf(project)}@serverless-robot-prod.iam.gserviceaccount.com`;
    const monitoring = clients.of(MetricService, { kind: "serviceAgent", email });
    for (let first = 0; first < series.length; first += MAX_SERIES) {
      const timeSeries = series.slice(first, first + MAX_SERIES);
      await monitoring.createServiceTimeSeries({ name: `projects/${project}`, timeSeries }).catch((error: unknown) => {
        log.error("metrics could not be written", { project, count: timeSeries.length, error });
      });
    }
  }
}
