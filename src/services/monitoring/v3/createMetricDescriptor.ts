import {
  type MetricDescriptor,
  MetricDescriptor_MetricKind as Kind,
  MetricDescriptor_ValueType as ValueType,
} from "../../../gen/google/api/metric_pb.js";
import { MetricService } from "../../../gen/google/monitoring/v3/metric_service_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { isUserDefined, rowOf } from "../descriptors/catalog.ts";
import { projectOf } from "../names.ts";

/** MetricService.CreateMetricDescriptor: user-defined metrics; one that exists is replaced. */
export const createMetricDescriptor = (deps: Deps): Rpc =>
  rpc(
    MetricService.method.createMetricDescriptor,
    { permission: "monitoring.metricDescriptors.create", audit: "ADMIN_WRITE" },
    async ({ name, metricDescriptor }) => {
      const project = projectOf(name, deps.projects);
      const descriptor = metricDescriptor!;
      checkDescriptor(descriptor);
      descriptor.name = `projects/${project}/metricDescriptors/${descriptor.type}`;
      await deps.store.transact(async (transaction) => {
        await deps.monitoring.descriptors.delete(transaction, descriptor.name);
        await deps.monitoring.descriptors.insert(transaction, rowOf(descriptor, project, deps.clock.nowMs()));
      });
      return descriptor;
    },
  );

function checkDescriptor({ type, metricKind, valueType }: MetricDescriptor): void {
  if (!isUserDefined(type)) {
    const description = `The metric type '${type}' must begin with custom.googleapis.com/ or another domain of user-defined metrics.`;
    throw invalidArgument(description, [{ field: "metric_descriptor.type", description }]);
  }
  if (metricKind !== Kind.METRIC_KIND_UNSPECIFIED && valueType !== ValueType.VALUE_TYPE_UNSPECIFIED) return;
  const description = "A metric kind and a value type are required.";
  throw invalidArgument(description, [{ field: "metric_descriptor.metric_kind", description }]);
}
