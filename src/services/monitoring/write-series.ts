import { create } from "@bufbuild/protobuf";
import { anyPack, type Empty, EmptySchema } from "@bufbuild/protobuf/wkt";
import {
  type MetricDescriptor,
  MetricDescriptor_MetricKind as Kind,
  MetricDescriptor_ValueType as ValueType,
  MetricDescriptorSchema,
} from "../../gen/google/api/metric_pb.js";
import type { TimeSeries } from "../../gen/google/monitoring/v3/metric_pb.js";
import {
  type CreateTimeSeriesRequest,
  CreateTimeSeriesSummarySchema,
} from "../../gen/google/monitoring/v3/metric_service_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import type { StoreTransaction } from "../../platform/store/store.ts";
import { ApiError, invalidArgument } from "../../wire/errors.ts";
import type { Deps } from "./deps.ts";
import { findDescriptor, isUserDefined, rowOf } from "./descriptors/catalog.ts";
import { MAX_POINT_AGE_MS, MAX_POINT_LEAD_MS, MAX_SERIES_PER_WRITE } from "./limits.ts";
import { projectOf } from "./names.ts";
import type { Point, SeriesHeader } from "./series.ts";
import { pointOf, valueTypeOf } from "./time-series.ts";

/** Who writes: users write metrics that they define, Google's own services write theirs. */
export type Writer = "USER" | "SERVICE";

/** Answers a request to write. */
export async function writeRequest(
  deps: Deps,
  { name, timeSeries }: CreateTimeSeriesRequest,
  writer: Writer,
): Promise<Empty> {
  const project = projectOf(name, deps.projects);
  if (timeSeries.length > MAX_SERIES_PER_WRITE) {
    const description = `At most ${MAX_SERIES_PER_WRITE} time series can be written in one request.`;
    throw invalidArgument(description, [{ field: "time_series", description }]);
  }
  await writeSeries(deps, project, timeSeries, writer);
  return create(EmptySchema);
}

/**
 * Writes one point to each series. Good ones are kept although others are bad, which the INVALID_ARGUMENT then lists.
 * Google: metric_service.proto, CreateTimeSeries and CreateTimeSeriesSummary.
 */
async function writeSeries(deps: Deps, project: string, all: readonly TimeSeries[], writer: Writer): Promise<void> {
  const faults = await deps.store.transactRelaxed(async (transaction) => {
    const found: string[] = [];
    for (const [index, series] of all.entries()) {
      const fault = await writeOne(deps, transaction, project, series, writer);
      if (fault !== undefined) found.push(`Field timeSeries[${index}] had an invalid value: ${fault}`);
    }
    return found;
  });
  if (faults.length > 0) throw notAllWritten(faults, all.length);
}

/** Resolves with what is wrong; undefined when the point was written. */
async function writeOne(
  deps: Deps,
  transaction: StoreTransaction,
  project: string,
  series: TimeSeries,
  writer: Writer,
): Promise<string | undefined> {
  const [message] = series.points;
  const point = message && pointOf(message);
  if (series.points.length !== 1 || !message || !point)
    return "Exactly one point with an end time and a value is needed.";
  const type = series.metric?.type ?? "";
  if (writer === "USER" && !isUserDefined(type))
    return `Metric type "${type}" cannot be written by users; custom.googleapis.com/... can.`;
  const header = headerOf(series, project, valueTypeOf(message));
  const fault = pointFault(point, header, deps.clock.nowMs());
  if (fault !== undefined) return fault;
  const descriptor = await findDescriptor(deps.monitoring, project, type, transaction);
  if (descriptor && (descriptor.metricKind !== header.kind || descriptor.valueType !== header.valueType)) {
    return `Value type for metric ${type} must be ${ValueType[descriptor.valueType]} and its kind ${Kind[descriptor.metricKind]}.`;
  }
  if (!descriptor)
    await deps.monitoring.descriptors.insert(
      transaction,
      rowOf(impliedDescriptor(header, project), project, deps.clock.nowMs()),
    );
  const id = await deps.monitoring.ensureSeries(transaction, project, header);
  const newest = await deps.monitoring.newestEndMs(transaction, id);
  if (newest !== undefined && point.endMs <= newest) {
    return "One or more points were written out of order, or with the end time of an earlier one.";
  }
  await deps.monitoring.insertPoint(transaction, id, point);
  return undefined;
}

function headerOf(
  { metric, resource, metricKind, unit }: TimeSeries,
  project: string,
  valueType: ValueType,
): SeriesHeader {
  return {
    metric: { type: metric?.type ?? "", labels: metric?.labels ?? {} },
    resource: { type: resource?.type || "global", labels: { project_id: project, ...resource?.labels } },
    kind: metricKind || Kind.GAUGE,
    valueType,
    unit: unit || "1",
  };
}

function pointFault({ startMs, endMs }: Point, { kind }: SeriesHeader, nowMs: number): string | undefined {
  if (startMs > endMs) return "The start time must not be after the end time.";
  if (kind !== Kind.GAUGE && startMs === endMs)
    return "The start time must be before the end time for a non-gauge metric.";
  if (kind === Kind.GAUGE && startMs !== endMs)
    return "The start time must be equal to the end time for the gauge metric.";
  if (endMs > nowMs + MAX_POINT_LEAD_MS) return "Data points cannot be written more than 5 minutes in the future.";
  if (endMs < nowMs - MAX_POINT_AGE_MS) return "Data points cannot be written more than 25 hours in the past.";
  return undefined;
}

/** Google: the first point of a user-defined metric makes its descriptor. */
function impliedDescriptor({ metric, kind, valueType, unit }: SeriesHeader, project: string): MetricDescriptor {
  return create(MetricDescriptorSchema, {
    name: `projects/${project}/metricDescriptors/${metric.type}`,
    type: metric.type,
    metricKind: kind,
    valueType,
    unit,
    labels: Object.keys(metric.labels).map((key) => ({ key })),
  });
}

function notAllWritten(faults: readonly string[], total: number): ApiError {
  const summary = create(CreateTimeSeriesSummarySchema, {
    totalPointCount: total,
    successPointCount: total - faults.length,
    errors: [{ status: { code: Code.INVALID_ARGUMENT }, pointCount: faults.length }],
  });
  const message = `One or more TimeSeries could not be written: ${faults.join("; ")}`;
  return new ApiError(Code.INVALID_ARGUMENT, message, { details: [anyPack(CreateTimeSeriesSummarySchema, summary)] });
}
