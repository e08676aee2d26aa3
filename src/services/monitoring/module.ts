import { MetricService } from "../../gen/google/monitoring/v3/metric_service_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import type { Deps, MonitoringDeps } from "./deps.ts";
import { RETENTION_CHECK_MS, RETENTION_MS } from "./limits.ts";
import { monitoringMigrations } from "./migrations.ts";
import { createMonitoringStore } from "./store.ts";
import { createServiceTimeSeries } from "./v3/createServiceTimeSeries.ts";
import { createTimeSeries } from "./v3/createTimeSeries.ts";
import { listTimeSeries } from "./v3/listTimeSeries.ts";
import { createMetricDescriptor } from "./v3/createMetricDescriptor.ts";
import { deleteMetricDescriptor } from "./v3/deleteMetricDescriptor.ts";
import { getMetricDescriptor } from "./v3/getMetricDescriptor.ts";
import { getMonitoredResourceDescriptor } from "./v3/getMonitoredResourceDescriptor.ts";
import { listMetricDescriptors } from "./v3/listMetricDescriptors.ts";
import { listMonitoredResourceDescriptors } from "./v3/listMonitoredResourceDescriptors.ts";

/** Wake-up kind that deletes points past their retention. */
const RETENTION = "monitoring.retention";

/** monitoring.googleapis.com: metrics of Cloud Run and of users, as time series that are kept for six weeks. */
export function monitoring(given: MonitoringDeps): ServiceModule {
  const deps: Deps = { ...given, monitoring: createMonitoringStore(given.store) };
  return {
    name: "monitoring",
    services: [MetricService],
    rpcs: [
      listTimeSeries(deps),
      createTimeSeries(deps),
      createServiceTimeSeries(deps),
      listMetricDescriptors(deps),
      getMetricDescriptor(deps),
      createMetricDescriptor(deps),
      deleteMetricDescriptor(deps),
      listMonitoredResourceDescriptors(deps),
      getMonitoredResourceDescriptor(deps),
    ],
    migrations: monitoringMigrations,
    reconcilers: {
      async [RETENTION]() {
        await deps.monitoring.deleteBefore(deps.clock.nowMs() - RETENTION_MS);
        return { settled: false, retryInMs: RETENTION_CHECK_MS };
      },
    },
    start: () => deps.wakeups.wakeNow(RETENTION, "points"),
  };
}
