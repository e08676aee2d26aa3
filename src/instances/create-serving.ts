import { availableParallelism, totalmem } from "node:os";
import { createIngress } from "./ingress/ingress.ts";
import { routeTable } from "./ingress/route-table.ts";
import { createInstanceReadings } from "./readings.ts";
import { removeMounts } from "./mounts/host-mounts.ts";
import { createMetadataServer } from "./metadata/metadata-server.ts";
import { revisionPools } from "./pool/revision-pools.ts";
import { defaultServingSettings } from "./pool/settings.ts";
import { stemStart } from "./stems/stem-start.ts";
import { taskRunner } from "./tasks/run-task.ts";
import { taskCapacity } from "./tasks/task-capacity.ts";
import type { CreateServingDeps, ServingFloor } from "./serving.ts";

/** Puts pools, ingress and metadata server together. Disposing closes the listeners and stops every instance. */
export function createServing(deps: CreateServingDeps): ServingFloor {
  const { clock, ids, log, writeLog } = deps;
  const settings = { ...defaultServingSettings, ...deps.settings };
  const metadata = createMetadataServer({ identity: deps.identity, log: log.child({ subsystem: "metadata" }) });
  const stems = stemStart({
    ...deps,
    metadata,
    pids: settings.pids,
    reserveBytes: 2 * settings.hostMemoryReserveBytes,
  });
  const { start } = stems;
  const readings = createInstanceReadings();
  const pools = revisionPools({
    ahead: stems.evictable,
    clock,
    ids,
    log: log.child({ subsystem: "pool" }),
    start,
    writeLog,
    readings,
    settings,
  });
  const routes = routeTable();
  const ingress = createIngress({
    ...deps,
    log: log.child({ subsystem: "ingress" }),
    routes,
    poolOf: pools.get,
    maxHttp1Bytes: settings.maxHttp1Bytes,
    sampleTraces: settings.sampleTraces,
  });
  return {
    ingress,
    metadata,
    ensureRevision: pools.ensure,
    awaitReady: pools.awaitReady,
    removeRevision: pools.remove,
    runTask: taskRunner({ clock, ids, writeLog, start, readings, settings }),
    taskSlot: taskCapacity(hostTaskBudget()).slot,
    readings: readings.take,
    setRoute: routes.set,
    removeRoute: routes.remove,
    instanceCounts: pools.counts,
    async [Symbol.asyncDispose]() {
      await ingress[Symbol.asyncDispose]();
      await pools[Symbol.asyncDispose]();
      await stems[Symbol.asyncDispose]();
      await metadata[Symbol.asyncDispose]();
      await removeMounts(deps.mountsFolder);
    },
  };
}

/** Tasks may use all CPUs, which they share with requests, and leave a quarter of the memory to what serves them. */
function hostTaskBudget() {
  return { cpus: availableParallelism(), memoryBytes: (totalmem() * 3) / 4 };
}
