import type { Duplex } from "node:stream";
import type { ImageCache } from "../oci/oci.ts";
import type { Clock } from "../platform/clock.ts";
import type { Ids } from "../platform/ids.ts";
import type { Log } from "../platform/log.ts";
import type { NetworkLease, Networks } from "./network/network.ts";
import type { InstanceReading } from "./readings.ts";
import type { SandboxExit, SandboxMount, Sandboxes } from "./sandbox.ts";
import type { VolumeMounter } from "./volumes/volumes.ts";
import type { ContainerSpec, SecretVersionReference, WorkloadSpec } from "./workload.ts";

/** The face of the floor: what services/run asks of it. Knows no Google API; names follow Cloud Run's words. */
export interface Serving extends AsyncDisposable {
  /** Declares a revision, or changes its scaling; idempotent, takes effect at once. Starts minInstances instances. */
  ensureRevision(spec: RevisionSpec): void;
  /** Starts an instance if none runs and resolves once its startup probe has passed, or says why it did not. */
  awaitReady(revision: string, signal?: AbortSignal): Promise<StartOutcome>;
  /**
   * Forgets a revision and resolves once its instances have stopped (SIGTERM, 10 s, SIGKILL): when their requests are
   * finished, or with `drain: false` at once.
   */
  removeRevision(revision: string, options?: { readonly drain: boolean }): Promise<void>;
  /** Replaces the route of a service atomically; requests under way keep their instance. */
  setRoute(route: ServiceRoute): void;
  removeRoute(service: string): void;
  /**
   * Runs one attempt of a job's task to its end: starts its containers and waits for the main one to exit. When time is
   * over or the signal aborts it is stopped (SIGTERM, 10 s, SIGKILL). Never rejects.
   */
  runTask(spec: TaskSpec, signal: AbortSignal): Promise<TaskOutcome>;
  /**
   * Resolves, first come first served, when this host has room for a task with these containers beside the others;
   * disposing gives the room back. Rejects with the signal's reason when that aborts first.
   */
  taskSlot(containers: readonly Pick<ContainerSpec, "limits">[], signal: AbortSignal): Promise<Disposable>;
  /** Number of instances of a revision by state, for status displays. */
  instanceCounts(revision: string): { starting: number; active: number; idle: number };
}

/** Instances of a revision of a service, or of a worker pool; `name` is projects/P/locations/L/services/S/revisions/R. */
export interface RevisionSpec extends WorkloadSpec {
  /** Short names. */
  readonly service: string;
  readonly revision: string;
  /** Where the main container listens; absent for worker pools, whose instances get no requests. */
  readonly port?: ServingPort;
  /** True: CPU only while a request is served or the instance starts. */
  readonly cpuIdle: boolean;
  /** Requests an instance serves at the same time, 1 to 1000. */
  readonly concurrency: number;
  /** Manual scaling is minInstances = maxInstances. */
  readonly minInstances: number;
  readonly maxInstances: number;
  readonly timeoutSeconds: number;
  /** Whether requests of one client go to the same instance while it runs. */
  readonly sessionAffinity: boolean;
  /**
   * Called when an instance has ended with code 0 though nobody stopped it; whoever is called decides at once whether
   * another one takes its place, by `ensureRevision`. Absent: another one does.
   */
  readonly onCompleted?: () => void;
}

export interface ServingPort {
  readonly number: number;
  readonly protocol: "http1" | "h2c";
}

/** One attempt of a task of a job's execution; `name` is the Task's full resource name. */
export interface TaskSpec extends WorkloadSpec {
  readonly timeoutSeconds: number;
}

export type TaskOutcome =
  | { readonly outcome: "SUCCEEDED" }
  /** The main container ended with another code than 0, by a signal, or over its memory limit. */
  | { readonly outcome: "FAILED"; readonly exit: SandboxExit; readonly message: string }
  | { readonly outcome: "TIMED_OUT" }
  | { readonly outcome: "CANCELLED" }
  | { readonly outcome: "NOT_STARTED"; readonly failure: Extract<StartOutcome, { ready: false }> };

export type StartOutcome =
  | { readonly ready: true }
  | {
      readonly ready: false;
      /** Which documented failure it is. */
      readonly reason:
        | "IMAGE_NOT_FOUND"
        /** It has no part for this machine. */
        | "IMAGE_NOT_SUPPORTED"
        /** It is damaged, or its registry does not deliver it. */
        | "IMAGE_NOT_USABLE"
        | "NOT_LOADED"
        | "EXITED"
        | "NOT_LISTENING"
        | "OUT_OF_MEMORY"
        | "SECRET_NOT_ACCESSIBLE"
        | "RUNTIME";
      /** Name of the container that failed, in instances of several. */
      readonly container?: string;
      /** One sentence, without the container's log. */
      readonly message: string;
      /** The last lines that container wrote, oldest first. */
      readonly logTail: readonly string[];
    };

export interface ServiceRoute {
  /** Full resource name, projects/P/locations/L/services/S. */
  readonly service: string;
  /** Host names that reach the service, without port. */
  readonly hosts: readonly string[];
  /** Path prefixes below function hosts that reach it: { host: "us-central1-p.cloudfunctions.net", path: "/hello" }. */
  readonly paths: readonly { readonly host: string; readonly path: string }[];
  /** Percentages over revisions; sums to 100, or is empty when the service cannot serve. */
  readonly traffic: readonly { readonly revision: string; readonly percent: number }[];
  /** Tags: "tag---host" reaches the revision whatever the percentages say. */
  readonly tags: Readonly<Record<string, string>>;
  readonly ingress: "all" | "internal" | "internal-and-cloud-load-balancing" | "none";
  /** False: anybody may invoke; true: `authorizeInvoker` of the floor's Deps decides. */
  readonly invokerIamChecked: boolean;
  /** Audiences accepted in ID tokens besides the service's own URLs. */
  readonly audiences: readonly string[];
}

/** What `createServing` returns: Serving, and the two servers that the composition root puts on listeners. */
export interface ServingFloor extends Serving {
  /** Readings of every instance for metrics; for one reader, since some of it counts from the reading before. */
  readings(): Promise<readonly InstanceReading[]>;
  readonly ingress: Ingress;
  readonly metadata: MetadataServer;
}

/** The HTTP proxy in front of all services: HTTP/1.1 and h2c (prior knowledge) on the same connections. */
export interface Ingress {
  /** Listens for plain HTTP; dispose closes the listener and cuts its connections. */
  listen(options: { readonly host?: string; readonly port: number }): Promise<Listening>;
  /** Serves one connection that something else accepted, for example after it ended TLS (`scheme: "https"`). */
  handleConnection(
    connection: Duplex,
    options: { readonly scheme: "http" | "https"; readonly remoteAddress: string },
  ): void;
}

/** A bound listener. */
export interface Listening extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
}

/** The metadata server of instances and builds; callers are told apart by their source address. */
export interface MetadataServer {
  /** Answers requests from `address` as this client until disposed. */
  register(address: string, client: MetadataClient): Disposable;
  listen(options: { readonly host: string; readonly port: number }): Promise<Listening>;
}

/** Who asks the metadata server. */
export interface MetadataClient {
  readonly project: { readonly id: string; readonly number: string };
  readonly location: string;
  readonly instanceId: string;
  readonly serviceAccountEmail: string;
}

/** Everything `createServing` (create-serving.ts) needs: lower floors, time and chance, and what comes from above. */
export interface CreateServingDeps extends ServingDeps {
  readonly sandboxes: Sandboxes;
  readonly networks: Pick<Networks, "acquire">;
  readonly images: Pick<ImageCache, "ensure">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** What every instance gets besides its revision's own settings: names that resolve to homerun, its CA, ... */
  readonly surroundings: (network: NetworkLease) => InstanceSurroundings;
  /** Folder of the host below which volumes of instances are mounted; one of this process alone, made when needed. */
  readonly mountsFolder: string;
  /** Provides secret and bucket volumes; without it, instances that have one do not start. */
  readonly volumeMounter?: VolumeMounter;
  /** Whether a caller at this address counts as internal (ingress "internal"): instances and builds. */
  readonly isInternalAddress: (address: string) => boolean;
  /** Overrides of defaultServingSettings (pool/settings.ts). */
  readonly settings?: Partial<ServingSettings>;
  /** Absent: every instance is started cold. */
  readonly stems?: StemSettings;
}

/** Sandboxes that are started ahead (stems/). */
export interface StemSettings {
  /** Folder for what is kept of them. */
  readonly folder: string;
  /** Memory that they may take together while they wait; 0: there are none. */
  readonly memoryBytes: number;
}

/** What surrounds an instance besides its revision. */
export interface InstanceSurroundings {
  /** Variables that the image and the revision may override, for example the paths of the CA bundle. */
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly SandboxMount[];
  readonly resolver: { readonly nameserver: string; readonly hosts: Readonly<Record<string, string>> };
}

export interface ServingSettings {
  /** How long an instance without requests lives before it is scaled in. Cloud Run: at most 15 minutes. */
  readonly idleMs: number;
  /** How long after its last request an instance with `cpuIdle` loses its CPU. */
  readonly cpuIdleGraceMs: number;
  /** Least time a request waits for an instance before it is refused. Cloud Run: 10 s. */
  readonly pendingMs: number;
  /** Time between SIGTERM and SIGKILL. Cloud Run: 10 s. */
  readonly terminationGraceMs: number;
  /** Instances that may be starting at the same time on this host. */
  readonly parallelStarts: number;
  /** Available host memory below which idle instances are stopped and no more than the first of a revision is started. */
  readonly hostMemoryReserveBytes: number;
  /** Processes and threads per instance. */
  readonly pids: number;
  /** Largest HTTP/1 request or unstreamed response. Cloud Run: 32 MiB. */
  readonly maxHttp1Bytes: number;
  /** Whether traces that begin at ingress are sampled: where somebody takes their spans. */
  readonly sampleTraces: boolean;
}

/** What the floor needs from above; wire-up connects it to iam, run and logging. */
export interface ServingDeps {
  /** Decides whether a caller may invoke. `credential` is the bearer token without "Bearer ", if any. */
  readonly authorizeInvoker: (
    service: string,
    credential: string | undefined,
    audiences: readonly string[],
  ) => Promise<"ALLOWED" | "UNAUTHENTICATED" | "FORBIDDEN">;
  /** Receives every log entry of instances and of requests; must not throw and must not block. */
  readonly writeLog: (entry: InstanceLogEntry) => void;
  /** Tokens for the metadata server. */
  readonly identity: InstanceIdentity;
  /**
   * The content of a secret's version, read as a service account; `version` is its number. Rejects with an Error whose
   * message is for the user when there is none or the account may not.
   */
  readonly accessSecret: (
    reference: SecretVersionReference,
    serviceAccountEmail: string,
  ) => Promise<{ readonly data: Uint8Array; readonly version: string }>;
}

export interface InstanceIdentity {
  accessToken(email: string, scopes: readonly string[]): Promise<{ token: string; expiresInSeconds: number }>;
  idToken(email: string, audience: string): Promise<string>;
}

export interface InstanceLogEntry {
  readonly workload: WorkloadSpec;
  readonly instanceId: string;
  /** "stdout" and "stderr" of the container, "requests" for the request log, "system" for platform messages (varlog/system). */
  readonly log: "stdout" | "stderr" | "requests" | "system";
  readonly timestampMs: number;
  /** google.logging.type.LogSeverity name; container lines default to "DEFAULT" (stdout) or "ERROR" (stderr has "DEFAULT" as Cloud Run's). */
  readonly severity: string;
  readonly textPayload?: string | undefined;
  readonly jsonPayload?: Readonly<Record<string, unknown>>;
  readonly httpRequest?: HttpRequestLog;
  /** 32 hex digits, when known. */
  readonly traceId?: string;
  readonly spanId?: string;
  /** The caller's span, of requests that came with one. */
  readonly parentSpanId?: string | undefined;
  readonly traceSampled?: boolean;
  readonly insertId?: string;
  /** google.logging.v2.LogEntryOperation as canonical JSON. */
  readonly operation?: Readonly<Record<string, unknown>>;
  /** google.logging.v2.LogEntrySourceLocation as canonical JSON. */
  readonly sourceLocation?: Readonly<Record<string, unknown>>;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface HttpRequestLog {
  readonly requestMethod: string;
  readonly requestUrl: string;
  readonly requestSize: number;
  readonly status: number;
  readonly responseSize: number;
  readonly userAgent: string;
  readonly remoteIp: string;
  readonly latencyMs: number;
  readonly protocol: string;
}
