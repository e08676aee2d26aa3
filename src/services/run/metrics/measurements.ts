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
  /** What `count` does with these, found once for many times. */
  counterOf(metric: string, resource: Resource, labels: Labels): (amount: number) => void;
  /** What `record` does with these, found once for many times. */
  recorderOf(metric: string, resource: Resource, labels: Labels, buckets: Buckets): (value: number) => void;
  /** Adds a value to a distribution. */
  record(metric: string, resource: Resource, labels: Labels, value: number, buckets: Buckets): void;
  /** What came since the last call, for points of kind DELTA. */
  take(): Measurement[];
  /** All since the start, for counters that only grow. */
  totals(): Measurement[];
}

/** A series with both of its sums; `fresh` is undefined while nothing came. */
interface Series extends Omit<Measurement, "value"> {
  fresh: number | Histogram | undefined;
  total: number | Histogram;
}

export function createMeasurements(): Measurements {
  const all: Series[] = [];
  const seriesOf = seriesFinder(all);
  const counterOf: Measurements["counterOf"] = (metric, resource, labels) => {
    const series = seriesOf(metric, resource, labels, zero);
    return (amount) => {
      series.fresh = ((series.fresh as number | undefined) ?? 0) + amount;
      series.total = (series.total as number) + amount;
    };
  };
  const recorderOf: Measurements["recorderOf"] = (metric, resource, labels, buckets) => {
    const series = seriesOf(metric, resource, labels, () => createHistogram(buckets));
    return (value) => {
      series.fresh ??= createHistogram(buckets);
      (series.fresh as Histogram).add(value);
      (series.total as Histogram).add(value);
    };
  };
  return {
    counterOf,
    recorderOf,
    count: (metric, resource, labels, amount) => counterOf(metric, resource, labels)(amount),
    record: (metric, resource, labels, value, buckets) => recorderOf(metric, resource, labels, buckets)(value),
    take() {
      const taken: Measurement[] = [];
      for (const series of all) {
        const { metric, labels, resource, fresh } = series;
        if (fresh !== undefined) taken.push({ metric, labels, resource, value: fresh });
        series.fresh = undefined;
      }
      return taken;
    },
    totals: () => all.map(({ metric, labels, resource, total }) => ({ metric, labels, resource, value: total })),
  };
}

/** Finds series with little work: resources are compared only when they are seen first. */
function seriesFinder(all: Series[]) {
  const byText = new Map<string, Map<string, Series>>();
  const byObject = new WeakMap<Resource, Map<string, Series>>();

  function ofResource(resource: Resource): Map<string, Series> {
    const known = byObject.get(resource);
    if (known) return known;
    const text = JSON.stringify([resource.type, resource.labels]);
    const found = byText.get(text) ?? new Map<string, Series>();
    byText.set(text, found);
    byObject.set(resource, found);
    return found;
  }
  return (metric: string, resource: Resource, labels: Labels, makeTotal: () => number | Histogram): Series => {
    const series = ofResource(resource);
    let key = metric;
    for (const name in labels) key += `\0${labels[name]}`;
    const found = series.get(key) ?? { metric, labels, resource, fresh: undefined, total: makeTotal() };
    if (!series.has(key)) {
      series.set(key, found);
      all.push(found);
    }
    return found;
  };
}

const zero = () => 0;
