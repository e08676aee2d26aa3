import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { type Distribution, DistributionSchema } from "../../gen/google/api/distribution_pb.js";
import { MetricDescriptor_ValueType as ValueType } from "../../gen/google/api/metric_pb.js";
import type { TypedValue, TypedValueSchema } from "../../gen/google/monitoring/v3/common_pb.js";
import {
  type Point as PointMessage,
  type TimeSeries,
  TimeSeriesSchema,
} from "../../gen/google/monitoring/v3/metric_pb.js";
import { exponentialBounds, linearBounds } from "../../wire/bucket-bounds.ts";
import type { DistributionValue, Point, Series, Value } from "./series.ts";

/** A series as clients get it: the newest point first. Google: metric.proto, TimeSeries.points. */
export function toTimeSeries({ metric, resource, kind, valueType, unit, points }: Series): TimeSeries {
  return create(TimeSeriesSchema, {
    metric: { type: metric.type, labels: metric.labels },
    resource: { type: resource.type, labels: resource.labels },
    metricKind: kind,
    valueType,
    unit,
    points: points.toReversed().map(({ startMs, endMs, value }) => ({
      interval: { startTime: timestampFromMs(startMs), endTime: timestampFromMs(endMs) },
      value: { value: typedValueOf(value, valueType) },
    })),
  });
}

/** A point as clients write it; a GAUGE may leave its start out. */
export function pointOf({ interval, value }: PointMessage): Point | undefined {
  if (!interval?.endTime || value?.value.case === undefined) return undefined;
  const endMs = timestampMs(interval.endTime);
  return { startMs: interval.startTime ? timestampMs(interval.startTime) : endMs, endMs, value: valueOf(value.value) };
}

/** The type of value that a point holds. */
export function valueTypeOf({ value }: PointMessage): ValueType {
  return VALUE_TYPES[value?.value.case ?? "stringValue"];
}

const VALUE_TYPES = {
  boolValue: ValueType.BOOL,
  int64Value: ValueType.INT64,
  doubleValue: ValueType.DOUBLE,
  stringValue: ValueType.STRING,
  distributionValue: ValueType.DISTRIBUTION,
} as const;

type TypedValueInit = NonNullable<MessageInitShape<typeof TypedValueSchema>["value"]>;

function typedValueOf(value: Value, type: ValueType): TypedValueInit {
  if (typeof value === "boolean") return { case: "boolValue", value };
  if (typeof value === "string") return { case: "stringValue", value };
  if (typeof value === "object") return { case: "distributionValue", value: distributionOf(value) };
  return type === ValueType.INT64
    ? { case: "int64Value", value: BigInt(Math.round(value)) }
    : { case: "doubleValue", value };
}

function valueOf({ case: kind, value }: TypedValue["value"]): Value {
  if (kind === "distributionValue") return valueOfDistribution(value);
  return kind === "int64Value" ? Number(value) : (value ?? 0);
}

/** Empty buckets at the end are left out. Google: distribution.proto, Distribution.bucket_counts. */
function distributionOf({ count, mean, sumOfSquaredDeviation, bounds, bucketCounts }: DistributionValue): Distribution {
  const last = bucketCounts.findLastIndex((inBucket) => inBucket > 0);
  return create(DistributionSchema, {
    count: BigInt(count),
    mean,
    sumOfSquaredDeviation,
    bucketOptions: { options: { case: "explicitBuckets", value: { bounds: [...bounds] } } },
    bucketCounts: bucketCounts.slice(0, last + 1).map(BigInt),
  });
}

function valueOfDistribution(distribution: Distribution): DistributionValue {
  const { count, mean, sumOfSquaredDeviation, bucketCounts } = distribution;
  const bounds = boundsOf(distribution);
  const counts = Array.from({ length: bounds.length + 1 }, (_, index) => Number(bucketCounts[index] ?? 0));
  return { count: Number(count), mean, sumOfSquaredDeviation, bounds, bucketCounts: counts };
}

function boundsOf({ bucketOptions }: Distribution): readonly number[] {
  const options = bucketOptions?.options;
  if (options?.case === "explicitBuckets") return options.value.bounds;
  if (options?.case === "linearBuckets") {
    const { numFiniteBuckets, width, offset } = options.value;
    return linearBounds(numFiniteBuckets, width, offset);
  }
  if (options?.case !== "exponentialBuckets") return [];
  const { numFiniteBuckets, growthFactor, scale } = options.value;
  return exponentialBounds(numFiniteBuckets, growthFactor, scale);
}
