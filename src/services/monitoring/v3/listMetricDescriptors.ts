import { type MetricDescriptor } from "../../../gen/google/api/metric_pb.js";
import { MetricService } from "../../../gen/google/monitoring/v3/metric_service_pb.js";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { allDescriptors } from "../descriptors/catalog.ts";
import { DEFAULT_DESCRIPTORS_PAGE_SIZE, MAX_PAGE_SIZE } from "../limits.ts";
import { projectOf } from "../names.ts";
import { descriptorFilter } from "../query/descriptor-filter.ts";

/** MetricService.ListMetricDescriptors: the filter knows metric.type and resource.type. */
export const listMetricDescriptors = (deps: Deps): Rpc =>
  rpc(
    MetricService.method.listMetricDescriptors,
    { permission: "monitoring.metricDescriptors.list", audit: "DATA_READ" },
    async ({ name, filter, pageSize: asked, pageToken, activeOnly }) => {
      const project = projectOf(name, deps.projects);
      const matches = descriptorFilter(filter);
      const pageSize = pageSizeOf(asked, DEFAULT_DESCRIPTORS_PAGE_SIZE, MAX_PAGE_SIZE);
      const scope = `${project}/${filter}/${activeOnly}`;
      const after = decodePageToken(pageToken, scope)?.after ?? "";
      const found: MetricDescriptor[] = [];
      for (const each of await allDescriptors(deps.monitoring, project)) {
        if (each.type <= after || !matches(each)) continue;
        if (activeOnly && (await deps.monitoring.seriesOf(project, each.type)).length === 0) continue;
        found.push(each);
      }
      const { page, nextPageToken } = pageOf(found, pageSize, ({ type }) => type, scope);
      return { metricDescriptors: page, nextPageToken };
    },
  );
