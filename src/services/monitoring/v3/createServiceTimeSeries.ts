import { MetricService } from "../../../gen/google/monitoring/v3/metric_service_pb.js";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { writeRequest } from "../write-series.ts";

/** MetricService.CreateServiceTimeSeries: only services of this server write Google's own metrics. */
export const createServiceTimeSeries = (deps: Deps): Rpc =>
  rpc(
    MetricService.method.createServiceTimeSeries,
    { permission: "monitoring.timeSeries.create", audit: "none" },
    (request, { principal }) => writeRequest(deps, request, principal.kind === "serviceAgent" ? "SERVICE" : "USER"),
  );
