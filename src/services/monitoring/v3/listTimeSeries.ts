import {
  ListTimeSeriesRequest_TimeSeriesView as View,
  MetricService,
} from "../../../gen/google/monitoring/v3/metric_service_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { decodePageToken, encodePageToken, pageSizeOf } from "../../../wire/paging.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from "../limits.ts";
import { projectOf } from "../names.ts";
import { querySeries } from "../query/query-series.ts";
import { toTimeSeries } from "../time-series.ts";

/** MetricService.ListTimeSeries; a page holds whole series. */
export const listTimeSeries = (deps: Deps): Rpc =>
  rpc(
    MetricService.method.listTimeSeries,
    { permission: "monitoring.timeSeries.list", audit: "DATA_READ" },
    async (request) => {
      if (request.orderBy !== "") throw unsupportedField("order_by");
      const project = projectOf(request.name, deps.projects);
      const pageSize = pageSizeOf(request.pageSize, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
      const scope = `${project}/${request.filter}`;
      const first = Number(decodePageToken(request.pageToken, scope)?.after ?? 0);
      const series = await querySeries(deps.monitoring, { ...request, project });
      const page = series.slice(first, first + pageSize);
      const shown = request.view === View.HEADERS ? page.map((each) => ({ ...each, points: [] })) : page;
      return {
        timeSeries: shown.map(toTimeSeries),
        nextPageToken: series.length > first + pageSize ? encodePageToken(String(first + pageSize), scope) : "",
        unit: series[0]?.unit ?? "",
      };
    },
  );
