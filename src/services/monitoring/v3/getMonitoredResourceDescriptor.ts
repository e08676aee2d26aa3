import { MetricService } from "../../../gen/google/monitoring/v3/metric_service_pb.js";
import { notFound } from "../../../wire/errors.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { resourceDescriptors } from "../descriptors/resources.ts";
import { parseDescriptorName } from "../names.ts";

/** MetricService.GetMonitoredResourceDescriptor. */
export const getMonitoredResourceDescriptor = (deps: Deps): Rpc =>
  rpc(
    MetricService.method.getMonitoredResourceDescriptor,
    { permission: "monitoring.monitoredResourceDescriptors.get", audit: "DATA_READ" },
    async ({ name }) => {
      const { project, type } = parseDescriptorName(name, "monitoredResourceDescriptors", deps.projects);
      const found = resourceDescriptors(project).find((each) => each.type === type);
      if (!found) throw notFound(name, `The monitored resource type '${type}' is not known.`);
      return found;
    },
  );
