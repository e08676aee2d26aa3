import { createIngress } from "./ingress/ingress.ts";
import { routeTable } from "./ingress/route-table.ts";
import { createMetadataServer } from "./metadata/metadata-server.ts";
import { hostCapacity } from "./pool/host-capacity.ts";
import { RevisionPool, type RevisionPoolDeps } from "./pool/revision-pool.ts";
import { defaultServingSettings } from "./pool/settings.ts";
import { coldStart } from "./pool/start-instance.ts";
import type { CreateServingDeps, ServingFloor } from "./serving.ts";

const MEMORY_CHECK_MS = 5_000;

/** Puts pools, ingress and metadata server together. Disposing closes the listeners and stops every instance. */
export function createServing(deps: CreateServingDeps): ServingFloor {
  const { clock, ids, log, writeLog } = deps;
  const settings = { ...defaultServingSettings, ...deps.settings };
  const pools = new Map<string, RevisionPool>();
  const leaving = new Set<RevisionPool>();
  const routes = routeTable();
  const metadata = createMetadataServer({ identity: deps.identity, log: log.child({ subsystem: "metadata" }) });
  const host = hostCapacity({
    parallelStarts: settings.parallelStarts,
    reserveBytes: settings.hostMemoryReserveBytes,
    availableMemoryBytes: () => process.availableMemory(),
    evictable: () => [...pools.values()].flatMap((pool) => pool.evictable()),
  });
  const start = coldStart({ ...deps, metadata, pids: settings.pids });
  const poolDeps: RevisionPoolDeps = {
    clock,
    ids,
    log: log.child({ subsystem: "pool" }),
    start,
    host,
    writeLog,
    settings,
  };
  const ingress = createIngress({
    ...deps,
    log: log.child({ subsystem: "ingress" }),
    routes,
    poolOf: (revision) => pools.get(revision),
    maxHttp1Bytes: settings.maxHttp1Bytes,
  });
  const memoryCheck = clock.every(MEMORY_CHECK_MS, () => void host.makeRoom());

  return {
    ingress,
    metadata,
    ensureRevision(spec) {
      const pool = pools.get(spec.name);
      if (pool === undefined) pools.set(spec.name, new RevisionPool(poolDeps, spec));
      else pool.update(spec);
    },
    async awaitReady(revision, signal) {
      return (await pools.get(revision)?.awaitReady(signal)) ?? unknownRevision(revision);
    },
    async removeRevision(revision) {
      const pool = pools.get(revision);
      if (pool === undefined) return;
      pools.delete(revision);
      leaving.add(pool);
      await pool.remove({ drain: true });
      leaving.delete(pool);
    },
    setRoute: routes.set,
    removeRoute: routes.remove,
    instanceCounts: (revision) => pools.get(revision)?.counts() ?? { starting: 0, active: 0, idle: 0 },
    async [Symbol.asyncDispose]() {
      memoryCheck[Symbol.dispose]();
      await ingress[Symbol.asyncDispose]();
      await Promise.all([...pools.values(), ...leaving].map((pool) => pool.remove({ drain: false })));
      pools.clear();
      await metadata[Symbol.asyncDispose]();
    },
  };
}

function unknownRevision(revision: string) {
  return { ready: false, reason: "RUNTIME", message: `Revision ${revision} is not declared.`, logTail: [] } as const;
}
