import assert from "node:assert/strict";
import { test } from "node:test";
import { revision } from "../../../instances/pool/testing/floor.ts";
import type { InstanceReading } from "../../../instances/readings.ts";
import type { InstanceLogEntry } from "../../../instances/serving.ts";
import type { Histogram } from "./histogram.ts";
import type { Measurement } from "./measurements.ts";
import { formatExposition } from "./prometheus.ts";
import { createRunMetrics } from "./run-metrics.ts";

const workload = revision("r1", { cpuIdle: true, limits: { cpus: 2, memoryBytes: 2 ** 30 } });

const reading = (changes: Partial<InstanceReading>): InstanceReading => ({
  workload,
  instanceId: "i1",
  state: "active",
  startupMs: 100,
  aliveMs: 60_000,
  busyMs: 15_000,
  peakRequests: 7,
  cpuSeconds: 6,
  memoryBytes: 2 ** 28,
  ...changes,
});

const request = (status: number, latencyMs: number, instanceId = "i1"): InstanceLogEntry => ({
  workload,
  instanceId,
  log: "requests",
  timestampMs: 0,
  severity: "INFO",
  httpRequest: {
    requestMethod: "GET",
    requestUrl: "http://hello/",
    requestSize: 100,
    status,
    responseSize: 200,
    userAgent: "",
    remoteIp: "127.0.0.1",
    latencyMs,
    protocol: "HTTP/1.1",
  },
});

const short = (metric: string) => metric.replace(/^run\.googleapis\.com\/(container\/)?/, "");
const numbersOf = (all: readonly Measurement[]) =>
  Object.fromEntries(
    all.map(({ metric, labels, value }) => [
      [short(metric), ...Object.values(labels)].join(" "),
      typeof value === "number" ? value : [value.count, value.sum],
    ]),
  );

test("requests are counted by response code, those that no instance got are not", () => {
  const metrics = createRunMetrics();
  for (const entry of [request(200, 10), request(200, 30), request(503, 5), request(429, 1, "")])
    metrics.observe(entry);
  metrics.observe({ ...request(200, 1), log: "stdout" });
  assert.deepEqual(numbersOf(metrics.measurements.take()), {
    "request_count 200 2xx": 2,
    "request_latencies 200 2xx": [2, 40],
    "request_count 503 5xx": 1,
    "request_latencies 503 5xx": [1, 5],
    "network/received_bytes_count internet": 300,
    "network/sent_bytes_count internet": 600,
  });
  assert.deepEqual(metrics.measurements.take(), []);
  metrics.observe(request(200, 10));
  assert.equal(numbersOf(metrics.measurements.totals())["request_count 200 2xx"], 3);
});

test("an instance is billed for the time that it starts and serves, and its start is counted once", () => {
  const metrics = createRunMetrics();
  const gauges = metrics.observeInstances([reading({})]);
  assert.deepEqual(numbersOf(gauges), { "instance_count active": 1 });
  assert.deepEqual(numbersOf(metrics.measurements.take()), {
    startup_latencies: [1, 100],
    billable_instance_time: 15,
    "cpu/allocation_time": 30,
    "memory/allocation_time": 15,
    "cpu/utilizations": [1, 6 / 120],
    "memory/utilizations": [1, 0.25],
    "max_request_concurrencies active": [1, 7],
  });
  const idle = reading({ state: "idle", aliveMs: 120_000, cpuSeconds: 6, peakRequests: 0 });
  assert.deepEqual(numbersOf(metrics.observeInstances([idle])), { "instance_count idle": 1 });
  assert.deepEqual(numbersOf(metrics.measurements.take()), {
    billable_instance_time: 0,
    "cpu/allocation_time": 0,
    "memory/allocation_time": 0,
    "cpu/utilizations": [1, 0],
    "memory/utilizations": [1, 0.25],
    "max_request_concurrencies idle": [1, 0],
  });
});

test("with CPU always, all of the time is billed, up to the end", () => {
  const metrics = createRunMetrics();
  const always = { ...workload, cpuIdle: false };
  metrics.observeInstances([reading({ workload: always })]);
  metrics.measurements.take();
  const ended = reading({ workload: always, state: "ended", aliveMs: 70_000, cpuSeconds: 0 });
  assert.deepEqual(metrics.observeInstances([ended]), []);
  assert.deepEqual(numbersOf(metrics.measurements.take()), {
    billable_instance_time: 10,
    "cpu/allocation_time": 20,
    "memory/allocation_time": 10,
  });
});

test("distributions know mean, variance and buckets", () => {
  const metrics = createRunMetrics();
  for (const latencyMs of [1, 2, 3, 10_000_000]) metrics.observe(request(200, latencyMs));
  const found = metrics.measurements.take().find(({ metric }) => metric.endsWith("request_latencies"));
  const { count, mean, sumOfSquaredDeviation, bucketCounts } = (found!.value as Histogram).toDistribution();
  assert.deepEqual([count, mean], [4n, 2_500_001.5]);
  assert.ok(Math.abs(sumOfSquaredDeviation! - 74_999_970_000_005) < 1);
  // Below 1; [1, 1.4); [1.4, 1.96); [1.96, 2.744); [2.744, 3.84); ...; above the last bound.
  assert.deepEqual(bucketCounts!.slice(0, 5), [0n, 1n, 0n, 1n, 1n]);
  assert.equal(bucketCounts!.at(-1), 1n);
});

test("Prometheus gets counters, histograms with a last bucket of all, and gauges", () => {
  const metrics = createRunMetrics();
  metrics.observe(request(200, 3));
  const gauges = metrics.observeInstances([reading({})]);
  const text = formatExposition({ counters: metrics.measurements.totals(), gauges });
  const labels = 'monitored_resource="cloud_run_revision",service_name="hello",revision_name="r1"';
  const ok = `${labels},response_code="200",response_code_class="2xx"`;
  for (const line of [
    "# TYPE run_googleapis_com:request_count counter",
    `run_googleapis_com:request_count{${ok}} 1`,
    "# TYPE run_googleapis_com:request_latencies histogram",
    `run_googleapis_com:request_latencies_bucket{${ok},le="+Inf"} 1`,
    `run_googleapis_com:request_latencies_sum{${ok}} 3`,
    "# TYPE run_googleapis_com:container_instance_count gauge",
    `run_googleapis_com:container_instance_count{${labels},state="active"} 1`,
  ])
    assert.ok(text.includes(`${line}\n`), line);
});
