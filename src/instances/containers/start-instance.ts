import type { Sandbox, SandboxSpec } from "../sandbox.ts";
import type { StartOutcome } from "../serving.ts";
import type { ContainerSpec, WorkloadSpec } from "../workload.ts";

/** Which instance is wanted. */
export interface StartRequest {
  readonly spec: WorkloadSpec;
  /** Where the main container is to listen, if it gets requests. */
  readonly port: number | undefined;
  /** Id of the instance, and of the sandbox of its main container. */
  readonly id: string;
  /** Aborts when the instance is no longer wanted. */
  readonly signal: AbortSignal;
}

/** How one container of an instance is started. */
export interface ContainerStart {
  /** CPUs for the start, which may be more than the container's limit. */
  readonly cpus: number;
  readonly onOutput: SandboxSpec["onOutput"];
}

/**
 * An instance that has a network and volumes, and whose containers may be started in it, each once and in any order.
 * Disposing kills its containers and gives back everything.
 */
export interface PreparedInstance extends AsyncDisposable {
  /** Where the host reaches its containers. */
  readonly address: string;
  /** Starts a container of the spec; resolves once its process runs. Rejects with StartError. */
  start(container: ContainerSpec, how: ContainerStart): Promise<Sandbox>;
}

/** A way to get an instance of a workload. Rejects with StartError. */
export type StartInstance = (request: StartRequest) => Promise<PreparedInstance>;

type FailureReason = Extract<StartOutcome, { ready: false }>["reason"];

/** What is known of a failed start besides its reason. */
export interface StartErrorDetails {
  /** Name of the container that failed. */
  readonly container?: string;
  /** What it wrote last, oldest first. */
  readonly logTail?: readonly string[];
}

/** The instance could not be started; `message` is for the user. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly reason: FailureReason;
  readonly details: StartErrorDetails;

  constructor(reason: FailureReason, cause: unknown, details: StartErrorDetails = {}) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.reason = reason;
    this.details = details;
  }
}

/** The failure as the face of the floor tells it; what is no StartError is the host's own fault. */
export function startFailureOf(cause: unknown, { containers }: WorkloadSpec): Extract<StartOutcome, { ready: false }> {
  const { reason, message, details } = cause instanceof StartError ? cause : new StartError("RUNTIME", cause);
  const { container, logTail = [] } = details;
  const named = container !== undefined && containers.length > 1 ? { container } : {};
  return { ready: false, reason, ...named, message, logTail };
}
