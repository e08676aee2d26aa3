import type { Serving } from "../../instances/serving.ts";
import type { DistributionClient } from "../../oci/distribution/client.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { Attempts } from "./attempts.ts";
import type { ChangeLog } from "./changes/change-log.ts";
import type { Deployments } from "./services/deployments.ts";
import type { InstanceStore } from "./instances/store.ts";
import type { JobStore } from "./jobs/store.ts";
import type { Placements } from "./placements.ts";
import type { RunStore } from "./store.ts";
import type { WorkerPoolStore } from "./worker-pools/store.ts";

/** What services/run needs; wire-up provides it. */
export interface RunDeps extends Pick<
  ServiceDeps,
  "store" | "wakeups" | "clock" | "ids" | "log" | "operations" | "policies" | "access" | "projects" | "clients"
> {
  readonly serving: Pick<
    Serving,
    | "ensureRevision"
    | "awaitReady"
    | "removeRevision"
    | "instanceCounts"
    | "setRoute"
    | "removeRoute"
    | "runTask"
    | "taskSlot"
  >;
  /** Finds the digest of an image on any registry, the server's own ones included. */
  readonly registry: Pick<DistributionClient, "resolve">;
  readonly baseImages: RunBaseImages;
}

/** What keeps services on the newest base images. */
export interface RunBaseImages {
  /** The image (by digest) on the newest of the base images that it was built on; itself when there is no newer one. */
  rebaseOnNewest(image: string, signal: AbortSignal): Promise<string>;
  /** Calls back whenever there are newer base images. */
  onRefreshed(listener: () => void): void;
}

/** What the files of services/run share. */
export interface RunContext extends RunDeps {
  readonly rows: RunStore;
  readonly changes: ChangeLog;
  /** Jobs, executions and tasks. */
  readonly jobs: JobStore;
  readonly workerPools: WorkerPoolStore;
  readonly instances: InstanceStore;
  readonly attempts: Attempts;
  readonly deployments: Deployments;
  readonly placements: Placements;
}
