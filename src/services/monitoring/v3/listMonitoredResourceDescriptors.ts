import { MetricService } from "../../../gen/google/monitoring/v3/metric_service_pb.js";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { resourceDescriptors } from "../descriptors/resources.ts";
import { DEFAULT_DESCRIPTORS_PAGE_SIZE, MAX_PAGE_SIZE } from "../limits.ts";
import { projectOf } from "../names.ts";
import { resourceFilter } from "../query/descriptor-filter.ts";

/** MetricService.ListMonitoredResourceDescriptors: the filter knows resource.type. */
export const listMonitoredResourceDescriptors = (deps: Deps): Rpc =>
  rpc(
    MetricService.method.listMonitoredResourceDescriptors,
    { permission: "monitoring.monitoredResourceDescriptors.list", audit: "DATA_READ" },
    async ({ name, filter, pageSize, pageToken }) => {
      const project = projectOf(name, deps.projects);
      const matches = resourceFilter(filter);
      const scope = `${project}/${filter}`;
      const after = decodePageToken(pageToken, scope)?.after ?? "";
      const rest = resourceDescriptors(project).filter((each) => each.type > after && matches(each));
      const size = pageSizeOf(pageSize, DEFAULT_DESCRIPTORS_PAGE_SIZE, MAX_PAGE_SIZE);
      const { page, nextPageToken } = pageOf(rest, size, ({ type }) => type, scope);
      return { resourceDescriptors: page, nextPageToken };
    },
  );
