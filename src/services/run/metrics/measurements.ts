import type { WorkloadSpec } from "../../../instances/workload.ts";
import { type Buckets, createHistogram, type Histogram } from "./histogram.ts";

/** What is measured of one series: labels of metric and resource, and a number or a distribution. */
export interface Measurement {
  readonly metric: string;
  readonly labels: Labels;
  readonly resource: Resource;
  readonly value: number | Histogram;
}

export type Labels = Readonly<Record<string, string>>;
export type Resource = WorkloadSpec["monitoredResource"];

/** Sums and distributions by series, since the last time they were taken and since the start. */
export interface Measurements {
  /** Adds to a counter. */
  count(metric: string, resource: Resource, labels: Labels, amount: number): void;
  /** Adds a value to a distribution. */
  record(metric: string, resource: Resource, labels: Labels, value: number, buckets: Buckets): void;
  /** What came since the last call, for points of kind DELTA. */
  take(): Measurement[];
  /** All since the start, for counters that only grow. */
  totals(): Measurement[];
}

export function createMeasurements(): Measurements {
  let fresh = new Map<string, Measurement>();
  const totals = new Map<string, Measurement>();
  return {
    count(metric, resource, labels, amount) {
      const key = keyOf(metric, resource, labels);
      for (const series of [fresh, totals]) {
        const before = series.get(key)?.value ?? 0;
        series.set(key, { metric, resource, labels, value: (before as number) + amount });
      }
    },
    record(metric, resource, labels, value, buckets) {
      const key = keyOf(metric, resource, labels);
      for (const series of [fresh, totals]) {
        const found = series.get(key) ?? { metric, resource, labels, value: createHistogram(buckets) };
        series.set(key, found);
        (found.value as Histogram).add(value);
      }
    },
    take() {
      const taken = [...fresh.values()];
      fresh = new Map();
      return taken;
    },
    totals: () => [...totals.values()],
  };
}

function keyOf(metric: string, { type, labels: ofResource }: Resource, labels: Labels): string {
  return [metric, type, ...Object.values(ofResource), ...Object.values(labels)].join("\0");
}
