import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { MetricService } from "../../../gen/google/monitoring/v3/metric_service_pb.js";
import { notFound, permissionDenied } from "../../../wire/errors.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { isUserDefined } from "../descriptors/catalog.ts";
import { parseDescriptorName } from "../names.ts";

/** MetricService.DeleteMetricDescriptor: a user-defined metric and all of its points. */
export const deleteMetricDescriptor = (deps: Deps): Rpc =>
  rpc(
    MetricService.method.deleteMetricDescriptor,
    { permission: "monitoring.metricDescriptors.delete", audit: "ADMIN_WRITE" },
    async ({ name }) => {
      const { project, type } = parseDescriptorName(name, "metricDescriptors", deps.projects);
      if (!isUserDefined(type)) throw permissionDenied("monitoring.metricDescriptors.delete", name);
      const stored = `projects/${project}/metricDescriptors/${type}`;
      await deps.store.transact(async (transaction) => {
        if (!(await deps.monitoring.descriptors.delete(transaction, stored))) {
          throw notFound(name, `Could not find descriptor for metric '${type}'.`);
        }
        await deps.monitoring.deleteMetric(transaction, project, type);
      });
      return create(EmptySchema);
    },
  );
