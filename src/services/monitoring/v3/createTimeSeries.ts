import { MetricService } from "../../../gen/google/monitoring/v3/metric_service_pb.js";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { writeRequest } from "../write-series.ts";

/** MetricService.CreateTimeSeries: metrics that users define. */
export const createTimeSeries = (deps: Deps): Rpc =>
  rpc(MetricService.method.createTimeSeries, { permission: "monitoring.timeSeries.create", audit: "none" }, (request) =>
    writeRequest(deps, request, "USER"),
  );
