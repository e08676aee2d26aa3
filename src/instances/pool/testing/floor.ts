import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../../platform/clock.ts";
import { randomIds } from "../../../platform/ids.ts";
import { silentLog } from "../../../platform/log.ts";
import { createServing } from "../../create-serving.ts";
import type { CreateServingDeps, InstanceLogEntry, RevisionSpec, ServiceRoute, ServingFloor } from "../../serving.ts";
import type { ContainerSpec, ProbeSpec } from "../../workload.ts";
import { loopbackNetworks, processSandboxes, type ProcessSandboxes } from "./process-sandboxes.ts";

const MIB = 1024 * 1024;
const CONTAINER = fileURLToPath(new URL("../testdata/container.ts", import.meta.url));

export const SERVICE = "projects/demo/locations/us-central1/services/hello";
export const HOST = "hello-123.us-central1.run.app";

/** A serving floor over child processes, with its ingress on a free port. */
export interface TestFloor extends AsyncDisposable {
  readonly floor: ServingFloor;
  readonly sandboxes: ProcessSandboxes;
  readonly networksInUse: ReadonlySet<string>;
  readonly port: number;
  readonly logs: readonly InstanceLogEntry[];
  /** Resolves with the first log entry, past or future, that matches. */
  entry(matches: (entry: InstanceLogEntry) => boolean): Promise<InstanceLogEntry>;
  /** GET (or what `init` says) of a path of the service's host, or of another one. */
  fetch(path: string, init?: RequestInit & { host?: string }): Promise<Response>;
}

export type FloorOverrides = Partial<CreateServingDeps>;

export async function startFloor(overrides: FloorOverrides = {}): Promise<TestFloor> {
  const sandboxes = processSandboxes();
  const networks = loopbackNetworks();
  const log = logCollector();
  const floor = createServing({
    sandboxes,
    networks,
    images: { ensure: async () => testImage() },
    clock: systemClock,
    ids: randomIds,
    log: silentLog,
    surroundings: () => ({ env: {}, mounts: [], resolver: { nameserver: "127.0.0.1", hosts: {} } }),
    mountsFolder: join(tmpdir(), `homerun-mounts-${randomIds.uuid()}`),
    isInternalAddress: () => false,
    authorizeInvoker: async () => "ALLOWED",
    writeLog: log.write,
    identity: {
      accessToken: async (email, scopes) => ({
        token: `token of ${email} for ${scopes.join(" ")}`,
        expiresInSeconds: 3599,
      }),
      idToken: async (email, audience) => `id.${email}.${audience}`,
    },
    accessSecret: async ({ secret, version }) => ({ data: Buffer.from(`${secret}@${version}`), version }),
    ...overrides,
  });
  const listening = await floor.ingress.listen({ port: 0 });
  return {
    floor,
    sandboxes,
    networksInUse: networks.inUse,
    port: listening.port,
    logs: log.entries,
    entry: log.entry,
    // The path form lets fetch, which cannot set Host, name it.
    fetch: (path, { host = HOST, ...init } = {}) => fetch(`http://127.0.0.1:${listening.port}/_/${host}${path}`, init),
    [Symbol.asyncDispose]: () => floor[Symbol.asyncDispose](),
  };
}

/** What a test says of a revision, and of its only container. */
export type RevisionOverrides = Partial<RevisionSpec> & Partial<ContainerSpec>;

/** A revision of the test container; named by `name`, which is also what it answers with. */
export function revision(name: string, overrides: RevisionOverrides = {}): RevisionSpec {
  const own: Record<string, unknown> = { ...overrides, name: undefined };
  const main: Record<string, unknown> = testContainer(name, overrides.env);
  const ofContainer = Object.keys(own).filter((key) => key in main && key !== "name" && key !== "env");
  for (const key of ofContainer) main[key] = own[key];
  for (const key of [...ofContainer, "name", "env"]) delete own[key];
  return {
    name: `${SERVICE}/revisions/${name}`,
    project: { id: "demo", number: "123" },
    location: "us-central1",
    service: "hello",
    revision: name,
    serviceAccountEmail: "123-compute@developer.gserviceaccount.com",
    containers: [main as unknown as ContainerSpec],
    volumes: [],
    contractEnv: { K_SERVICE: "hello", K_REVISION: name, K_CONFIGURATION: "hello", CLOUD_RUN_TIMEOUT_SECONDS: "60" },
    port: { number: 8080, protocol: "http1" },
    cpuIdle: false,
    startupCpuBoost: false,
    concurrency: 80,
    minInstances: 0,
    maxInstances: 100,
    timeoutSeconds: 60,
    sessionAffinity: false,
    monitoredResource: { type: "cloud_run_revision", labels: { service_name: "hello", revision_name: name } },
    logLabels: { "goog-managed-by": "cloudfunctions" },
    ...own,
  };
}

function testContainer(name: string, env: Readonly<Record<string, string>> | undefined) {
  return {
    name: "",
    image: "us-central1-docker.pkg.dev/demo/test/container@sha256:0",
    command: [],
    args: [],
    workingDir: "",
    env: { NAME: name, ...env },
    secretEnv: {},
    limits: { memoryBytes: 256 * MIB, cpus: 1 },
    mounts: [],
    dependsOn: [],
    startupProbe: tcpProbe(8080),
    livenessProbe: undefined,
    readinessProbe: undefined,
  };
}

/** The default startup probe. */
export function tcpProbe(port: number): ProbeSpec {
  const times = { initialDelaySeconds: 0, timeoutSeconds: 240, periodSeconds: 240 };
  return { kind: "tcp", port, path: "", headers: [], ...times, failureThreshold: 1, successThreshold: 1 };
}

/** The route of the test service, all traffic to `name`. */
export function route(name: string, overrides: Partial<ServiceRoute> = {}): ServiceRoute {
  return {
    service: SERVICE,
    hosts: [HOST],
    paths: [{ host: "us-central1-demo.cloudfunctions.net", path: "/hello" }],
    traffic: [{ revision: `${SERVICE}/revisions/${name}`, percent: 100 }],
    tags: {},
    ingress: "all",
    invokerIamChecked: false,
    audiences: [],
    ...overrides,
  };
}

/** Declares a revision and sends all traffic to it. */
export function deploy({ floor }: TestFloor, spec: RevisionSpec, overrides: Partial<ServiceRoute> = {}): void {
  floor.ensureRevision(spec);
  floor.setRoute(route(spec.revision, overrides));
}

/** Resolves once `condition` holds; looks every few milliseconds, for 10 s at most. */
export async function until(condition: () => boolean): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  while (!condition()) await systemClock.sleep(3, signal);
}

/** The image of the test container. */
export function testImage() {
  const config = {
    env: {},
    entrypoint: [process.execPath],
    cmd: [CONTAINER],
    workingDir: "",
    user: "",
    labels: {},
    diffIds: [],
  };
  return { digest: "sha256:0", config, layers: [] };
}

function logCollector() {
  const entries: InstanceLogEntry[] = [];
  const watchers = new Set<(entry: InstanceLogEntry) => void>();
  return {
    entries,
    write(entry: InstanceLogEntry) {
      entries.push(entry);
      for (const watcher of watchers) watcher(entry);
    },
    entry(matches: (entry: InstanceLogEntry) => boolean): Promise<InstanceLogEntry> {
      const past = entries.find(matches);
      if (past !== undefined) return Promise.resolve(past);
      return new Promise((resolve) => {
        const watcher = (entry: InstanceLogEntry) => {
          if (!matches(entry)) return;
          watchers.delete(watcher);
          resolve(entry);
        };
        watchers.add(watcher);
      });
    },
  };
}
