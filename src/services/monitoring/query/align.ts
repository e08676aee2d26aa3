import {
  MetricDescriptor_MetricKind as Kind,
  MetricDescriptor_ValueType as ValueType,
} from "../../../gen/google/api/metric_pb.js";
import { Aggregation_Aligner as Aligner } from "../../../gen/google/monitoring/v3/common_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { mergeDistributions, percentileOf } from "../distribution.ts";
import type { DistributionValue, Point, Series, Value } from "../series.ts";
import { fractionTrue, mean, standardDeviation, sum } from "./statistics.ts";

/** Periods that end at `endMs` and reach back to `startMs`. */
export interface Periods {
  readonly startMs: number;
  readonly endMs: number;
  readonly periodMs: number;
}

/**
 * A series with at most one point for each period, at the period's end. Google: common.proto, Aggregation.Aligner.
 * Rejects with INVALID_ARGUMENT when the aligner does not suit the metric.
 */
export function alignSeries(series: Series, aligner: Aligner, periods: Periods): Series {
  if (aligner === Aligner.ALIGN_NONE) return series;
  const { kind, valueType, unit } = resultOf(series, aligner);
  const points: Point[] = [];
  for (const [startMs, endMs] of periodsOf(periods)) {
    const inside = series.points.filter((point) => point.endMs > startMs && point.endMs <= endMs);
    const value = valueIn(series, aligner, inside, startMs, endMs);
    if (value === undefined) continue;
    points.push({ startMs: kind === Kind.GAUGE ? endMs : startMs, endMs, value });
  }
  return { ...series, kind, valueType, unit, points };
}

/** The periods, oldest first; the first one may begin before the interval. */
function* periodsOf({ startMs, endMs, periodMs }: Periods): Iterable<[number, number]> {
  const count = Math.ceil((endMs - startMs) / periodMs);
  for (let n = count; n > 0; n--) yield [endMs - n * periodMs, endMs - (n - 1) * periodMs];
}

const NUMERIC: readonly ValueType[] = [ValueType.INT64, ValueType.DOUBLE];
const PERCENTILES: Readonly<Partial<Record<Aligner, number>>> = {
  [Aligner.ALIGN_PERCENTILE_99]: 99,
  [Aligner.ALIGN_PERCENTILE_95]: 95,
  [Aligner.ALIGN_PERCENTILE_50]: 50,
  [Aligner.ALIGN_PERCENTILE_05]: 5,
};

/** What comes out of an aligner. */
function resultOf({ kind, valueType, unit }: Series, aligner: Aligner) {
  const isNumber = NUMERIC.includes(valueType);
  const isDistribution = valueType === ValueType.DISTRIBUTION;
  const refuse = () => {
    const name = Aligner[aligner];
    const description = `The aligner ${name} does not suit a metric of kind ${Kind[kind]} and type ${ValueType[valueType]}.`;
    return invalidArgument(description, [{ field: "aggregation.per_series_aligner", description }]);
  };
  if (aligner in PERCENTILES) {
    if (!isDistribution) throw refuse();
    return { kind: Kind.GAUGE, valueType: ValueType.DOUBLE, unit };
  }
  switch (aligner) {
    case Aligner.ALIGN_DELTA:
      if (kind === Kind.GAUGE || !(isNumber || isDistribution)) throw refuse();
      return { kind: Kind.DELTA, valueType, unit };
    case Aligner.ALIGN_RATE:
      if (kind === Kind.GAUGE || !isNumber) throw refuse();
      return { kind: Kind.GAUGE, valueType: ValueType.DOUBLE, unit: unit === "1" ? "1/s" : `${unit}/s` };
    case Aligner.ALIGN_NEXT_OLDER:
      if (kind !== Kind.GAUGE) throw refuse();
      return { kind, valueType, unit };
    case Aligner.ALIGN_COUNT:
      if (kind === Kind.CUMULATIVE) throw refuse();
      return { kind: Kind.GAUGE, valueType: ValueType.INT64, unit: "1" };
    case Aligner.ALIGN_SUM:
      if (kind === Kind.CUMULATIVE || !(isNumber || isDistribution)) throw refuse();
      return { kind: Kind.GAUGE, valueType, unit };
    case Aligner.ALIGN_MIN:
    case Aligner.ALIGN_MAX:
      if (kind !== Kind.GAUGE || !isNumber) throw refuse();
      return { kind, valueType, unit };
    case Aligner.ALIGN_MEAN:
    case Aligner.ALIGN_STDDEV:
      if (kind === Kind.CUMULATIVE || !(isNumber || isDistribution)) throw refuse();
      return { kind: Kind.GAUGE, valueType: ValueType.DOUBLE, unit };
    case Aligner.ALIGN_COUNT_TRUE:
    case Aligner.ALIGN_COUNT_FALSE:
      if (kind !== Kind.GAUGE || valueType !== ValueType.BOOL) throw refuse();
      return { kind, valueType: ValueType.INT64, unit: "1" };
    case Aligner.ALIGN_FRACTION_TRUE:
      if (kind !== Kind.GAUGE || valueType !== ValueType.BOOL) throw refuse();
      return { kind, valueType: ValueType.DOUBLE, unit: "1" };
    default:
      throw unsupportedAligner(aligner);
  }
}

function unsupportedAligner(aligner: Aligner) {
  const description = `The aligner ${Aligner[aligner]} is not supported by homerun.`;
  return invalidArgument(description, [{ field: "aggregation.per_series_aligner", description }]);
}

/** The value of one period; undefined when there is none. */
function valueIn(
  series: Series,
  aligner: Aligner,
  inside: readonly Point[],
  startMs: number,
  endMs: number,
): Value | undefined {
  if (aligner === Aligner.ALIGN_NEXT_OLDER) return series.points.findLast((point) => point.endMs <= endMs)?.value;
  if (inside.length === 0) return undefined;
  const values = inside.map(({ value }) => value);
  if (series.valueType === ValueType.DISTRIBUTION) {
    return distributionIn(values as DistributionValue[], aligner);
  }
  if (aligner === Aligner.ALIGN_DELTA || aligner === Aligner.ALIGN_RATE) {
    const delta = series.kind === Kind.CUMULATIVE ? growth(series.points, startMs, endMs) : sum(values as number[]);
    return aligner === Aligner.ALIGN_DELTA ? delta : delta / ((endMs - startMs) / 1000);
  }
  return statistic(aligner, values);
}

/** How much a counter grew in a period; a smaller value than before means that it began anew. */
function growth(points: readonly Point[], startMs: number, endMs: number): number {
  let before = points.findLast((point) => point.endMs <= startMs);
  let total = 0;
  for (const point of points.filter((each) => each.endMs > startMs && each.endMs <= endMs)) {
    const goesOn = before !== undefined && before.startMs === point.startMs && point.value >= before.value;
    total += (point.value as number) - (goesOn ? (before!.value as number) : 0);
    before = point;
  }
  return total;
}

function distributionIn(values: readonly DistributionValue[], aligner: Aligner): Value {
  const merged = values.reduce(mergeDistributions);
  const percent = PERCENTILES[aligner];
  if (percent !== undefined) return percentileOf(merged, percent);
  if (aligner === Aligner.ALIGN_MEAN) return merged.mean;
  if (aligner === Aligner.ALIGN_STDDEV) return Math.sqrt(merged.sumOfSquaredDeviation / Math.max(1, merged.count));
  return aligner === Aligner.ALIGN_COUNT ? values.length : merged;
}

function statistic(aligner: Aligner, values: readonly Value[]): number {
  const numbers = values as readonly number[];
  switch (aligner) {
    case Aligner.ALIGN_MIN:
      return Math.min(...numbers);
    case Aligner.ALIGN_MAX:
      return Math.max(...numbers);
    case Aligner.ALIGN_SUM:
      return sum(numbers);
    case Aligner.ALIGN_MEAN:
      return mean(numbers);
    case Aligner.ALIGN_STDDEV:
      return standardDeviation(numbers);
    case Aligner.ALIGN_COUNT_TRUE:
      return values.filter((value) => value === true).length;
    case Aligner.ALIGN_COUNT_FALSE:
      return values.filter((value) => value === false).length;
    case Aligner.ALIGN_FRACTION_TRUE:
      return fractionTrue(values);
    default:
      return values.length;
  }
}
