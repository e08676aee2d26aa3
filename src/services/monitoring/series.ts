import type { MetricDescriptor_MetricKind, MetricDescriptor_ValueType } from "../../gen/google/api/metric_pb.js";

/** What tells one time series from another, and how its points are to be read. */
export interface SeriesHeader {
  readonly metric: Labelled;
  readonly resource: Labelled;
  readonly kind: MetricDescriptor_MetricKind;
  readonly valueType: MetricDescriptor_ValueType;
  readonly unit: string;
}

export interface Labelled {
  readonly type: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** One measurement; a GAUGE has startMs = endMs. */
export interface Point {
  readonly startMs: number;
  readonly endMs: number;
  readonly value: Value;
}

export type Value = number | boolean | string | DistributionValue;

/** A histogram; `bounds` are those between its buckets, so that there is one count more. */
export interface DistributionValue {
  readonly count: number;
  readonly mean: number;
  readonly sumOfSquaredDeviation: number;
  readonly bounds: readonly number[];
  readonly bucketCounts: readonly number[];
}

/** A series with points, oldest first. */
export interface Series extends SeriesHeader {
  readonly points: readonly Point[];
}

/** The same text for the same series, whatever the order of labels. */
export function identityOf({ metric, resource }: Pick<SeriesHeader, "metric" | "resource">): string {
  const sorted = ({ type, labels }: Labelled) => [type, ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))];
  return JSON.stringify([sorted(metric), sorted(resource)]);
}
