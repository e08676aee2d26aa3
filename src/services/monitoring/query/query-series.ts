import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Aggregation,
  Aggregation_Aligner as Aligner,
  Aggregation_Reducer as Reducer,
  type TimeInterval,
} from "../../../gen/google/monitoring/v3/common_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { MAX_ALIGNMENT_MS, MIN_ALIGNMENT_MS } from "../limits.ts";
import type { Series } from "../series.ts";
import type { MonitoringStore } from "../store.ts";
import { alignSeries, type Periods } from "./align.ts";
import { parseSeriesFilter } from "./filter.ts";
import { reduceSeries } from "./reduce.ts";

/** What ListTimeSeries asks for. */
export interface SeriesQuery {
  readonly project: string;
  readonly filter: string;
  readonly interval?: TimeInterval | undefined;
  readonly aggregation?: Aggregation | undefined;
  readonly secondaryAggregation?: Aggregation | undefined;
}

/** The series that match and have points in the interval, aggregated as asked, in a stable order. */
export async function querySeries(store: MonitoringStore, query: SeriesQuery): Promise<Series[]> {
  const filter = parseSeriesFilter(query.filter);
  const interval = intervalOf(query.interval);
  const plans = [query.aggregation, query.secondaryAggregation].map((each, index) => planOf(each, interval, index));
  const found = (await store.seriesOf(query.project, filter.metricType)).filter(({ header }) =>
    filter.matches(header, query.project),
  );
  const fromMs = interval.startMs - (plans[0]?.periods.periodMs ?? 0) - (interval.startMs === interval.endMs ? 1 : 0);
  let result = await Promise.all(found.map((each) => store.withPoints(each, fromMs, interval.endMs)));
  for (const plan of plans) if (plan) result = aggregate(result, plan, query.project);
  return result.map((series) => within(series, interval)).filter(({ points }) => points.length > 0);
}

interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

interface Plan {
  readonly aligner: Aligner;
  readonly reducer: Reducer;
  readonly groupBy: readonly string[];
  readonly periods: Periods;
}

function aggregate(all: readonly Series[], { aligner, reducer, groupBy, periods }: Plan, project: string): Series[] {
  const aligned = all.map((series) => alignSeries(series, aligner, periods)).filter(({ points }) => points.length > 0);
  return reduceSeries(aligned, reducer, groupBy, project);
}

/** Google: common.proto, TimeInterval: an interval of a query is open at its start; without a start it is one moment. */
function intervalOf(interval: TimeInterval | undefined): Interval {
  if (!interval?.endTime) throw invalid("interval.end_time", "Field interval.end_time is required.");
  const endMs = timestampMs(interval.endTime);
  const startMs = interval.startTime ? timestampMs(interval.startTime) : endMs;
  if (startMs > endMs) throw invalid("interval", "Field interval.start_time must not be after interval.end_time.");
  return { startMs, endMs };
}

function planOf(aggregation: Aggregation | undefined, interval: Interval, index: number): Plan | undefined {
  if (!aggregation) return undefined;
  const field = index === 0 ? "aggregation" : "secondary_aggregation";
  const { perSeriesAligner: aligner, crossSeriesReducer: reducer, groupByFields: groupBy } = aggregation;
  if (aligner === Aligner.ALIGN_NONE) {
    if (reducer === Reducer.REDUCE_NONE) return undefined;
    throw invalid(
      `${field}.per_series_aligner`,
      "A cross_series_reducer needs a per_series_aligner other than ALIGN_NONE.",
    );
  }
  const periodMs = aggregation.alignmentPeriod ? durationMs(aggregation.alignmentPeriod) : 0;
  if (periodMs < MIN_ALIGNMENT_MS || periodMs > MAX_ALIGNMENT_MS) {
    throw invalid(`${field}.alignment_period`, "The alignment_period must be between 60 seconds and 104 weeks.");
  }
  return { aligner, reducer, groupBy, periods: { ...interval, periodMs } };
}

function within(series: Series, { startMs, endMs }: Interval): Series {
  const points = series.points.filter((point) => (point.endMs > startMs || startMs === endMs) && point.endMs <= endMs);
  return { ...series, points };
}

function invalid(field: string, description: string) {
  return invalidArgument(description, [{ field, description }]);
}
