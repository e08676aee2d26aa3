import { MetricDescriptor_ValueType as ValueType } from "../../../gen/google/api/metric_pb.js";
import { Aggregation_Reducer as Reducer } from "../../../gen/google/monitoring/v3/common_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { mergeDistributions, percentileOf } from "../distribution.ts";
import type { DistributionValue, Point, Series, Value } from "../series.ts";
import { selectorOf } from "./filter.ts";
import { fractionTrue, mean, percentile, standardDeviation, sum } from "./statistics.ts";

const PERCENTILES: Readonly<Partial<Record<Reducer, number>>> = {
  [Reducer.REDUCE_PERCENTILE_99]: 99,
  [Reducer.REDUCE_PERCENTILE_95]: 95,
  [Reducer.REDUCE_PERCENTILE_50]: 50,
  [Reducer.REDUCE_PERCENTILE_05]: 5,
};

/**
 * One series for each group of aligned series; fields that the groups do not share are dropped, except types.
 * Google: common.proto, Aggregation.Reducer and group_by_fields.
 */
export function reduceSeries(
  all: readonly Series[],
  reducer: Reducer,
  groupBy: readonly string[],
  project: string,
): Series[] {
  if (reducer === Reducer.REDUCE_NONE) return [...all];
  const groups = new Map<string, Series[]>();
  for (const series of all) {
    const key = JSON.stringify(groupBy.map((field) => selectorOf(field)(series, project) ?? ""));
    groups.set(key, [...(groups.get(key) ?? []), series]);
  }
  return [...groups.values()].map((group) => reduceGroup(group, reducer, groupBy));
}

function reduceGroup(group: readonly Series[], reducer: Reducer, groupBy: readonly string[]): Series {
  const [first] = group as [Series, ...Series[]];
  const byEnd = new Map<number, Point[]>();
  for (const point of group.flatMap(({ points }) => points)) {
    byEnd.set(point.endMs, [...(byEnd.get(point.endMs) ?? []), point]);
  }
  const points = [...byEnd]
    .sort(([a], [b]) => a - b)
    .map(([endMs, together]) => ({
      startMs: together[0]!.startMs,
      endMs,
      value: reduceValues(
        together.map(({ value }) => value),
        reducer,
        first.valueType,
      ),
    }));
  return {
    ...first,
    metric: { type: first.metric.type, labels: keptLabels(first, "metric", groupBy) },
    resource: { type: first.resource.type, labels: keptLabels(first, "resource", groupBy) },
    valueType: valueTypeAfter(first.valueType, reducer),
    points,
  };
}

/** The project always stays. */
function keptLabels(series: Series, part: "metric" | "resource", groupBy: readonly string[]): Record<string, string> {
  const kept = Object.entries(series[part].labels).filter(
    ([name]) =>
      (part === "resource" && name === "project_id") ||
      groupBy.some((field) => field === `${part}.labels.${name}` || field === `${part}.label.${name}`),
  );
  return Object.fromEntries(kept);
}

function valueTypeAfter(valueType: ValueType, reducer: Reducer): ValueType {
  if ([Reducer.REDUCE_COUNT, Reducer.REDUCE_COUNT_TRUE, Reducer.REDUCE_COUNT_FALSE].includes(reducer))
    return ValueType.INT64;
  const isKept = [Reducer.REDUCE_MIN, Reducer.REDUCE_MAX, Reducer.REDUCE_SUM].includes(reducer);
  return isKept ? valueType : ValueType.DOUBLE;
}

function reduceValues(values: readonly Value[], reducer: Reducer, valueType: ValueType): Value {
  if (reducer === Reducer.REDUCE_COUNT) return values.length;
  if (reducer === Reducer.REDUCE_COUNT_TRUE) return values.filter((value) => value === true).length;
  if (reducer === Reducer.REDUCE_COUNT_FALSE) return values.filter((value) => value === false).length;
  if (reducer === Reducer.REDUCE_FRACTION_TRUE) return fractionTrue(values);
  if (valueType === ValueType.DISTRIBUTION) return reduceDistributions(values as DistributionValue[], reducer);
  if (valueType !== ValueType.INT64 && valueType !== ValueType.DOUBLE) throw unsuited(reducer, valueType);
  return reduceNumbers(values as number[], reducer);
}

function reduceNumbers(values: readonly number[], reducer: Reducer): number {
  const percent = PERCENTILES[reducer];
  if (percent !== undefined) return percentile(values, percent);
  if (reducer === Reducer.REDUCE_MEAN) return mean(values);
  if (reducer === Reducer.REDUCE_MIN) return Math.min(...values);
  if (reducer === Reducer.REDUCE_MAX) return Math.max(...values);
  return reducer === Reducer.REDUCE_STDDEV ? standardDeviation(values) : sum(values);
}

function reduceDistributions(values: readonly DistributionValue[], reducer: Reducer): Value {
  const merged = values.reduce(mergeDistributions);
  const percent = PERCENTILES[reducer];
  if (percent !== undefined) return percentileOf(merged, percent);
  if (reducer === Reducer.REDUCE_MEAN) return merged.mean;
  if (reducer === Reducer.REDUCE_STDDEV) return Math.sqrt(merged.sumOfSquaredDeviation / Math.max(1, merged.count));
  if (reducer === Reducer.REDUCE_SUM) return merged;
  throw unsuited(reducer, ValueType.DISTRIBUTION);
}

function unsuited(reducer: Reducer, valueType: ValueType) {
  const description = `The reducer ${Reducer[reducer]} does not suit values of type ${ValueType[valueType]}.`;
  return invalidArgument(description, [{ field: "aggregation.cross_series_reducer", description }]);
}
