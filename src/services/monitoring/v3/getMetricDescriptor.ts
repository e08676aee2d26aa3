import { MetricService } from "../../../gen/google/monitoring/v3/metric_service_pb.js";
import { notFound } from "../../../wire/errors.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findDescriptor } from "../descriptors/catalog.ts";
import { parseDescriptorName } from "../names.ts";

/** MetricService.GetMetricDescriptor. */
export const getMetricDescriptor = (deps: Deps): Rpc =>
  rpc(
    MetricService.method.getMetricDescriptor,
    { permission: "monitoring.metricDescriptors.get", audit: "DATA_READ" },
    async ({ name }) => {
      const { project, type } = parseDescriptorName(name, "metricDescriptors", deps.projects);
      const found = await findDescriptor(deps.monitoring, project, type);
      if (!found) throw notFound(name, `Could not find descriptor for metric '${type}'.`);
      return found;
    },
  );
