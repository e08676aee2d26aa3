import type { Builder } from "../../build/build.ts";
import type { AttestationKey } from "../../oci/attestations/attestation-key.ts";
import type { ImageCache } from "../../oci/oci.ts";
import type { SbomStore } from "../../oci/sbom/sbom-store.ts";
import type { DistributionClient } from "../../oci/distribution/client.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { Machine } from "./machine.ts";
import type { Git } from "./source/git/git.ts";
import type { BuildTable } from "./store.ts";
import type { BuildEvents } from "./events/build-events.ts";
import type { TriggerSubscriptions } from "./triggers/subscriptions.ts";
import type { TriggerTable } from "./triggers/store.ts";
import type { WorkerPoolTable } from "./worker-pools/store.ts";

/** What Cloud Build needs of the rest of the server. */
export interface CloudBuildDeps extends Pick<
  ServiceDeps,
  "store" | "wakeups" | "clock" | "ids" | "log" | "operations" | "projects" | "clients"
> {
  readonly builder: Builder;
  /** Reaches the registries that images are pushed to. */
  readonly registry: DistributionClient;
  /** Pulls images, to tell what they hold. */
  readonly images: Pick<ImageCache, "ensure">;
  readonly sboms: SbomStore;
  /** Signs what is said of images. */
  readonly attestationKey: AttestationKey;
  /** Sources are unpacked below this folder, one folder per running build. */
  readonly workFolder: string;
  /** CPUs and memory that builds may use. */
  readonly host: Machine;
  /** How many builds run at the same time; one for every two CPUs unless told. */
  readonly parallelBuilds?: number;
}

/** What the parts of the service share. */
export interface Deps extends CloudBuildDeps {
  readonly parallelBuilds: number;
  readonly builds: BuildTable;
  readonly triggers: TriggerTable;
  readonly triggerSubscriptions: TriggerSubscriptions;
  readonly buildEvents: BuildEvents;
  readonly workerPools: WorkerPoolTable;
  readonly git: Git;
  /** Stops the work of a build that runs in this process. */
  readonly stopRunning: (name: string) => void;
}

/** The wake-up kind of builds. */
export const BUILD_KIND = "cloudbuild.build";
/** The wake-up kinds of what is said of images after their build: how they were made, and what they hold. */
export const PROVENANCE_KIND = "cloudbuild.provenance";
export const SBOM_KIND = "cloudbuild.sbom";
