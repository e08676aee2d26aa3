import type { ImageCache } from "../../oci/oci.ts";
import type { NetworkLease, Networks } from "../network/network.ts";
import type { Sandbox, Sandboxes, SandboxSpec } from "../sandbox.ts";
import type { CreateServingDeps, MetadataServer, StartOutcome } from "../serving.ts";
import type { WorkloadSpec } from "../workload.ts";
import { containerSpec } from "./container-spec.ts";
import { resolveImageUser } from "./image-user.ts";

export interface StartRequest {
  readonly spec: WorkloadSpec;
  /** Where the main container is to listen, if it gets requests. */
  readonly port: number | undefined;
  /** Id of the instance and of its sandbox. */
  readonly id: string;
  readonly cpus: number;
  readonly onOutput: SandboxSpec["onOutput"];
  /** Aborts when the instance is no longer wanted. */
  readonly signal: AbortSignal;
}

/** A container that was started and may not listen yet. Disposing kills it and gives back its network. */
export interface RunningContainer extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly address: string;
}

/** A way to get a running container of a revision. Rejects with StartError. */
export type StartInstance = (request: StartRequest) => Promise<RunningContainer>;

export interface ColdStartDeps {
  readonly sandboxes: Pick<Sandboxes, "start">;
  readonly networks: Pick<Networks, "acquire">;
  readonly images: Pick<ImageCache, "ensure">;
  readonly surroundings: CreateServingDeps["surroundings"];
  readonly metadata: Pick<MetadataServer, "register">;
  readonly pids: number;
}

type FailureReason = Extract<StartOutcome, { ready: false }>["reason"];

/** The container could not be started; `message` is for the user. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly reason: FailureReason;

  constructor(reason: FailureReason, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.reason = reason;
  }
}

/** Starts from nothing: image, network, container. What an earlier step made is given back when a later one fails. */
export function coldStart(deps: ColdStartDeps): StartInstance {
  return async (request) => {
    await using undo = new AsyncDisposableStack();
    const [main] = request.spec.containers;
    const [image, lease] = await Promise.allSettled([
      deps.images.ensure(main.image, request.signal),
      deps.networks.acquire(),
    ]);
    if (lease.status === "rejected") return failed("RUNTIME", lease.reason);
    const network = undo.use(lease.value);
    if (image.status === "rejected") return failed("IMAGE_NOT_FOUND", image.reason);
    undo.use(registered(deps.metadata, network, request));
    const user = await resolveImageUser(image.value.config.user, image.value.layers).catch((cause: unknown) =>
      failed("RUNTIME", cause),
    );
    const surroundings = deps.surroundings(network);
    const container = containerSpec({
      ...request,
      container: main,
      image: image.value,
      user,
      network,
      surroundings,
      pids: deps.pids,
    });
    const sandbox = undo.use(
      await deps.sandboxes
        .start({ ...container, onOutput: request.onOutput })
        .catch((cause: unknown) => failed("RUNTIME", cause)),
    );
    const owned = undo.move();
    return { sandbox, address: network.address, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  };
}

function registered(metadata: Pick<MetadataServer, "register">, network: NetworkLease, { spec, id }: StartRequest) {
  return metadata.register(network.address, {
    project: spec.project,
    location: spec.location,
    instanceId: id,
    serviceAccountEmail: spec.serviceAccountEmail,
  });
}

function failed(reason: FailureReason, cause: unknown): never {
  throw new StartError(reason, cause);
}
