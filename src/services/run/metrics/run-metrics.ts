import type { InstanceReading } from "../../../instances/readings.ts";
import type { HttpRequestLog, InstanceLogEntry } from "../../../instances/serving.ts";
import { CONCURRENCY_BUCKETS, LATENCY_BUCKETS, RATIO_BUCKETS } from "./histogram.ts";
import { usageBetween } from "./instance-time.ts";
import { createMeasurements, type Measurement, type Measurements, type Resource } from "./measurements.ts";

const REQUEST_COUNT = "run.googleapis.com/request_count";
const REQUEST_LATENCIES = "run.googleapis.com/request_latencies";
const RECEIVED_BYTES = "run.googleapis.com/container/network/received_bytes_count";
const SENT_BYTES = "run.googleapis.com/container/network/sent_bytes_count";
const INSTANCE_COUNT = "run.googleapis.com/container/instance_count";
const STARTUP_LATENCIES = "run.googleapis.com/container/startup_latencies";
const BILLABLE_TIME = "run.googleapis.com/container/billable_instance_time";
const CPU_TIME = "run.googleapis.com/container/cpu/allocation_time";
const CPU_UTILIZATIONS = "run.googleapis.com/container/cpu/utilizations";
const MEMORY_TIME = "run.googleapis.com/container/memory/allocation_time";
const MEMORY_UTILIZATIONS = "run.googleapis.com/container/memory/utilizations";
const MAX_CONCURRENCIES = "run.googleapis.com/container/max_request_concurrencies";
const GIBIBYTE = 2 ** 30;
const INTERNET = { kind: "internet" };

/** Cloud Run's metrics, as they happen. */
export interface RunMetrics {
  readonly measurements: Measurements;
  /** Counts a request, told by its entry in the request log; other entries are none of its business. */
  observe(entry: InstanceLogEntry): void;
  /** Counts what instances used since the last readings; resolves with the gauges that they show. */
  observeInstances(readings: readonly InstanceReading[]): Measurement[];
}

export function createRunMetrics(): RunMetrics {
  const measurements = createMeasurements();
  let last = new Map<string, InstanceReading>();
  const countRequest = requestCounter(measurements);
  return {
    measurements,
    observe(entry) {
      if (entry.log === "requests") countRequest(entry);
    },
    observeInstances(readings) {
      for (const reading of readings) countUsage(measurements, last.get(reading.instanceId), reading);
      const alive = readings.filter(({ state }) => state !== "ended");
      last = new Map(alive.map((reading) => [reading.instanceId, reading]));
      return instanceCounts(alive);
    },
  };
}

/** Google: only requests that reach an instance count. */
function requestCounter(measurements: Measurements): (entry: InstanceLogEntry) => void {
  const known = new WeakMap<Resource, Map<number, CountRequest>>();
  const countersOf = (resource: Resource) => {
    const counters = new Map<number, CountRequest>();
    known.set(resource, counters);
    return counters;
  };
  return ({ workload, instanceId, httpRequest }) => {
    if (instanceId === "" || httpRequest === undefined) return;
    const resource = workload.monitoredResource;
    const byStatus = known.get(resource) ?? countersOf(resource);
    let count = byStatus.get(httpRequest.status);
    if (count === undefined) byStatus.set(httpRequest.status, (count = counterOf(measurements, resource, httpRequest)));
    count(httpRequest);
  };
}

type CountRequest = (request: HttpRequestLog) => void;

/** Counts requests that are alike: their series are found once. */
function counterOf(measurements: Measurements, resource: Resource, { status }: HttpRequestLog): CountRequest {
  const labels = { response_code: String(status), response_code_class: `${Math.floor(status / 100)}xx` };
  const requests = measurements.counterOf(REQUEST_COUNT, resource, labels);
  const latencies = measurements.recorderOf(REQUEST_LATENCIES, resource, labels, LATENCY_BUCKETS);
  const received = measurements.counterOf(RECEIVED_BYTES, resource, INTERNET);
  const sent = measurements.counterOf(SENT_BYTES, resource, INTERNET);
  return ({ latencyMs, requestSize, responseSize }) => {
    requests(1);
    latencies(latencyMs);
    received(requestSize);
    sent(responseSize);
  };
}

function countUsage(measurements: Measurements, before: InstanceReading | undefined, now: InstanceReading): void {
  const { workload, state, peakRequests, memoryBytes } = now;
  const resource = workload.monitoredResource;
  const { startupMs, elapsedMs, billableMs, cpuSeconds } = usageBetween(before, now);
  const cpus = sum(workload.containers.map(({ limits }) => limits.cpus));
  const memoryLimit = sum(workload.containers.map(({ limits }) => limits.memoryBytes));
  const billableSeconds = billableMs / 1000;
  if (startupMs !== undefined) measurements.record(STARTUP_LATENCIES, resource, {}, startupMs, LATENCY_BUCKETS);
  measurements.count(BILLABLE_TIME, resource, {}, billableSeconds);
  measurements.count(CPU_TIME, resource, {}, billableSeconds * cpus);
  measurements.count(MEMORY_TIME, resource, {}, (billableSeconds * memoryLimit) / GIBIBYTE);
  if (state === "ended" || elapsedMs === 0) return;
  const cpuUtilization = cpuSeconds / ((elapsedMs / 1000) * cpus);
  measurements.record(CPU_UTILIZATIONS, resource, {}, cpuUtilization, RATIO_BUCKETS);
  measurements.record(MEMORY_UTILIZATIONS, resource, {}, memoryBytes / memoryLimit, RATIO_BUCKETS);
  if (resource.type !== "cloud_run_revision") return;
  const labels = { state: peakRequests > 0 ? "active" : "idle" };
  measurements.record(MAX_CONCURRENCIES, resource, labels, peakRequests, CONCURRENCY_BUCKETS);
}

/** Google counts instances that start among the active ones, since they are about to serve. */
function instanceCounts(readings: readonly InstanceReading[]): Measurement[] {
  const counts = new Map<string, Measurement>();
  for (const { workload, state } of readings) {
    const labels = { state: state === "idle" ? "idle" : "active" };
    const resource = workload.monitoredResource;
    const key = JSON.stringify([resource.type, resource.labels, labels]);
    const before = counts.get(key)?.value ?? 0;
    counts.set(key, { metric: INSTANCE_COUNT, resource, labels, value: (before as number) + 1 });
  }
  return [...counts.values()];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
