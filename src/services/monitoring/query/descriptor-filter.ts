import type { MetricDescriptor } from "../../../gen/google/api/metric_pb.js";
import type { MonitoredResourceDescriptor } from "../../../gen/google/api/monitored_resource_pb.js";
import type { SeriesHeader } from "../series.ts";
import { parseFilter } from "./filter.ts";

/** Which descriptors a filter such as metric.type = starts_with("run.googleapis.com/") chooses; "" chooses all. */
export function descriptorFilter(text: string): (descriptor: MetricDescriptor) => boolean {
  if (text.trim() === "") return () => true;
  const { matches } = parseFilter(text);
  return ({ type, monitoredResourceTypes }) => {
    const resources = monitoredResourceTypes.length > 0 ? monitoredResourceTypes : [""];
    return resources.some((resource) => matches(headerOf(type, resource), ""));
  };
}

/** The same for descriptors of monitored resources. */
export function resourceFilter(text: string): (descriptor: MonitoredResourceDescriptor) => boolean {
  if (text.trim() === "") return () => true;
  const { matches } = parseFilter(text);
  return ({ type }) => matches(headerOf("", type), "");
}

function headerOf(metricType: string, resourceType: string): SeriesHeader {
  const metric = { type: metricType, labels: {} };
  return { metric, resource: { type: resourceType, labels: {} }, kind: 0, valueType: 0, unit: "" };
}
