import { join } from "node:path";
import { type Duplex, duplexPair } from "node:stream";
import type { BuilderDeps } from "../build/build.ts";
import { createBuilder } from "../build/create-builder.ts";
import { rebaseOnNewest } from "../build/image/rebase-on-newest.ts";
import { runtimeVersionOf } from "../build/image/runtime-version.ts";
import { createDockerSteps } from "../build/docker/docker-steps.ts";
import { createServing } from "../instances/create-serving.ts";
import type { CreateServingDeps, ServingFloor } from "../instances/serving.ts";
import type { AttestationKey } from "../oci/attestations/attestation-key.ts";
import { createSbomStore } from "../oci/sbom/sbom-store.ts";
import type { Blobs } from "../platform/blobs/blobs.ts";
import type { Clock } from "../platform/clock.ts";
import type { Config } from "../platform/config/config.ts";
import type { TimeDriven } from "../platform/test-clock.ts";
import type { Ids } from "../platform/ids.ts";
import type { Log } from "../platform/log.ts";
import type { Seal } from "../platform/seal.ts";
import { trackedStore } from "../platform/work-tracker.ts";
import type { Store } from "../platform/store/store.ts";
import type { RunDeps } from "../services/run/context.ts";
import { exportMetrics } from "../services/run/metrics/metrics-exporter.ts";
import { defineServices, serviceHooks } from "../services/services.ts";
import { createUrlSigner } from "../wire/credentials/signed-urls/url-signer.ts";
import type { SigningKey } from "../wire/credentials/signing-keys.ts";
import type { TokenIssuer } from "../wire/credentials/tokens.ts";
import type { Addresses, ServiceDeps } from "../wire/service-deps.ts";
import { type Api, assembleApi } from "./assemble-api.ts";
import { openImageFloor } from "./image-floor.ts";
import { lifecycleNode, mountsFolder, type Sandboxing, sourcesFolder } from "./sandboxing.ts";
import type { ServicesClock } from "./services-clock.ts";
import { openVolumes } from "./volumes.ts";

export interface WireUpOptions extends Sandboxing {
  readonly config: Config;
  /** Real time, for all that is a process. */
  readonly clock: Clock;
  /** The services' time. */
  readonly servicesClock: ServicesClock;
  readonly ids: Ids;
  readonly log: Log;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly tokens: TokenIssuer;
  /** Signs URLs in the name of the server's service agents. */
  readonly urlKey: SigningKey;
  /** Keeps secrets confidential at rest. */
  readonly seal: Seal;
  /** Vouches for images. */
  readonly attestationKey: AttestationKey;
  readonly addresses: Addresses;
  /** Base URL of the Cloud Storage API for volumes of instances; asked for each mount. */
  readonly storageUrl: () => string;
  readonly surroundings: CreateServingDeps["surroundings"];
  readonly packages: BuilderDeps["packages"];
  readonly isInternalAddress: (address: string) => boolean;
  /** Gets everything that has to be closed. */
  readonly owner: AsyncDisposableStack;
}

/** Joins the floors: images, builds and instances below, services above them. */
export async function wireUp(options: WireUpOptions): Promise<{ api: Api; serving: ServingFloor }> {
  const { config, owner, clock, servicesClock } = options;
  let serving: ServingFloor | undefined;
  const api = await assembleApi({
    ...options,
    clock: servicesClock.clock,
    realClock: clock,
    ...tracked(options.store, servicesClock),
    connectIngress: () => connectTo(serving!, options.networks.gateway),
    defineModules(deps) {
      const floors = openFloors(options, deps);
      // Closed in reverse order: what instances write while they stop is still logged.
      owner.use(floors.hooks);
      owner.use(floors.metricsExporter);
      serving = owner.use(floors.serving);
      return defineServices({
        ...deps,
        ...floors,
        testClock: servicesClock.testClock(() => drivenBy(api)),
        workFolder: sourcesFolder(config.dataDir),
        attestationKey: options.attestationKey,
        seal: options.seal,
        host: config.machine,
        urlSigner: createUrlSigner(options.urlKey, clock),
        publicKeysOf: publicKeysOf(options.urlKey, deps),
      });
    },
  });
  owner.use(api);
  return { api, serving: serving! };
}

/** Ends at ingress as a connection by TLS from this server's own network, which services for internal callers accept. */
function connectTo({ ingress }: ServingFloor, remoteAddress: string): Duplex {
  const [ours, theirs] = duplexPair();
  ingress.handleConnection(theirs, { scheme: "https", remoteAddress });
  return ours;
}

/** With a test clock, transactions and requests are work that it waits for. */
function tracked(store: Store, { workTracker }: ServicesClock) {
  return workTracker ? { store: trackedStore(store, workTracker), workTracker } : { store };
}

/** What an advance of the services' time has to go through. */
function drivenBy({ wakeups, modules }: Api): readonly TimeDriven[] {
  return [wakeups, ...modules.flatMap((module) => module.timeDriven ?? [])];
}

/** Instances live in real time; what they say is logged at the services'. */
function onServicesTime<Hooks extends ReturnType<typeof serviceHooks>>(
  hooks: Hooks,
  { aheadMs }: ServicesClock,
): Hooks {
  const writeLog: Hooks["writeLog"] = (entry) =>
    hooks.writeLog({ ...entry, timestampMs: entry.timestampMs + aheadMs() });
  return { ...hooks, writeLog };
}

function openFloors(options: WireUpOptions, deps: ServiceDeps) {
  const { config, clock, ids, log, sandboxes, networks, surroundings } = options;
  const hooks = onServicesTime(serviceHooks(deps, config), options.servicesClock);
  const { client, images, baseImages } = openImageFloor(config, clock, ids, { ...deps, ...hooks });
  const identity = { accessToken: deps.tokens.issueAccessToken, idToken: deps.tokens.issueIdToken };
  const serving = createServing({
    ...hooks,
    sandboxes,
    networks,
    images,
    clock,
    ids,
    log,
    surroundings,
    mountsFolder: mountsFolder(config.dataDir),
    isInternalAddress: options.isInternalAddress,
    identity,
    volumeMounter: openVolumes(options, { ...hooks, identity }),
    settings: {
      ...(config.idleMs !== undefined && { idleMs: config.idleMs }),
      sampleTraces: config.otlpEndpoint !== undefined,
    },
    stems: { folder: join(config.dataDir, "stems"), memoryBytes: config.stemMemoryBytes },
  });
  const builder = openBuilder(options, serving, { client, images, baseImages });
  const sboms = createSbomStore({ dataFolder: config.dataDir });
  const newest: RunDeps["baseImages"] = {
    rebaseOnNewest: (image, signal) => rebaseOnNewest({ builder, registry: client }, image, signal),
    onRefreshed: baseImages.updates.onRefreshed,
  };
  const updates = {
    baseImageUpdates: baseImages.updates,
    baseImages: newest,
    runtimeVersionOf: (image: string) => runtimeVersionOf(client, image),
  };
  const metricsExporter = exportMetrics({
    clients: deps.clients,
    clock: deps.clock,
    log: log.child({ subsystem: "metrics" }),
    metrics: hooks.runMetrics,
    readings: { take: () => serving.readings() },
  });
  const metrics = { runMetrics: hooks.runMetrics, metricsExporter };
  return { serving, builder, registry: client, images, sboms, hooks, ...metrics, ...updates };
}

function openBuilder(options: WireUpOptions, { metadata }: ServingFloor, floor: ReturnType<typeof openImageFloor>) {
  const { config, clock, ids, log, sandboxes, networks, surroundings } = options;
  const { client, images, baseImages } = floor;
  const builds = {
    dataFolder: config.dataDir,
    sandboxes,
    networks,
    surroundings,
    metadata,
    images,
    baseImages,
    registry: client,
    packages: options.packages,
    lifecycleNode,
    clock,
    ids,
    log: log.child({ subsystem: "build" }),
  };
  return createBuilder({ ...builds, stepImages: [createDockerSteps(builds)] });
}

/** Keys whose signatures on URLs count: the account's own ones, and the server's for its service agents. */
function publicKeysOf(urlKey: SigningKey, { serviceAccounts }: ServiceDeps) {
  return async (email: string) => {
    const own = (await serviceAccounts.keys.publicKeysOf(email)).map(({ key }) => key);
    return /^service-\d+@/.test(email) ? [urlKey.publicKey, ...own] : own;
  };
}
