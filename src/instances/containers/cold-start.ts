import { ImageNotFoundError, PlatformNotSupportedError } from "../../oci/image-errors.ts";
import type { ImageCache, UnpackedImage } from "../../oci/oci.ts";
import { notStartedMessage } from "../logs/system-messages.ts";
import { type InstanceMounts, type InstanceMountsDeps, mountVolumes } from "../mounts/instance-mounts.ts";
import type { NetworkLease, Networks } from "../network/network.ts";
import { type Sandbox, SandboxError, type Sandboxes } from "../sandbox.ts";
import type { CreateServingDeps, MetadataServer } from "../serving.ts";
import type { ContainerSpec } from "../workload.ts";
import { containerSpec } from "./container-spec.ts";
import { resolveImageUser } from "./image-user.ts";
import { readSecretEnv } from "./secret-env.ts";
import { type ContainerStart, StartError, type StartInstance, type StartRequest } from "./start-instance.ts";

export interface ColdStartDeps extends InstanceMountsDeps, Pick<CreateServingDeps, "accessSecret"> {
  readonly sandboxes: Pick<Sandboxes, "start" | "separateNetworks">;
  readonly networks: Pick<Networks, "acquire">;
  readonly images: Pick<ImageCache, "ensure">;
  readonly surroundings: CreateServingDeps["surroundings"];
  readonly metadata: Pick<MetadataServer, "register">;
  readonly pids: number;
}

const ONE_CONTAINER_ONLY =
  "Instances of several containers need crun or runc: gVisor's runsc gives each container a network of its own.";

/** What a container needs that comes from elsewhere. */
interface Parts {
  readonly image: UnpackedImage;
  readonly secretEnv: Readonly<Record<string, string>>;
}

interface Surroundings {
  readonly parts: ReadonlyMap<ContainerSpec, Promise<Parts>>;
  readonly network: NetworkLease;
  readonly mounts: InstanceMounts;
}

/** Starts from nothing: images, network, containers. What an earlier step made is given back when a later one fails. */
export function coldStart(deps: ColdStartDeps): StartInstance {
  return async (request) => {
    if (request.spec.containers.length > 1 && deps.sandboxes.separateNetworks) failed("RUNTIME", ONE_CONTAINER_ONLY);
    await using undo = new AsyncDisposableStack();
    const parts = getParts(deps, request);
    const network = undo.use(await deps.networks.acquire().catch((cause: unknown) => failed("RUNTIME", cause)));
    undo.use(registered(deps.metadata, network, request));
    const mounts = undo.use(await mountVolumes(deps, request, network));
    const containers = undo.use(new Containers(deps, request, { parts, network, mounts }));
    const owned = undo.move();
    return {
      address: network.address,
      start: (container, how) => containers.start(container, how),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  };
}

/** The images of all containers and their secrets, on their way while the rest is prepared. */
function getParts(deps: ColdStartDeps, { spec, signal }: StartRequest): Surroundings["parts"] {
  return new Map(
    spec.containers.map((container) => {
      const image = deps.images
        .ensure(container.image, signal)
        .catch((cause: unknown) => failed(imageFailure(cause), cause, container));
      const both = Promise.all([image, readSecretEnv(deps, spec, container)]);
      const parts = both.then(([unpacked, secretEnv]) => ({ image: unpacked, secretEnv }));
      // Whoever starts the container is told.
      parts.catch(() => undefined);
      return [container, parts];
    }),
  );
}

/** The sandboxes of one instance. Disposing kills those that were started, all at once. */
class Containers implements AsyncDisposable {
  readonly #deps: ColdStartDeps;
  readonly #request: StartRequest;
  readonly #around: Surroundings;
  readonly #sandboxes: Sandbox[] = [];

  constructor(deps: ColdStartDeps, request: StartRequest, around: Surroundings) {
    this.#deps = deps;
    this.#request = request;
    this.#around = around;
  }

  async start(container: ContainerSpec, how: ContainerStart): Promise<Sandbox> {
    const { containers } = this.#request.spec;
    const { network, mounts } = this.#around;
    const { image, secretEnv } = await this.#around.parts.get(container)!;
    try {
      const index = containers.indexOf(container);
      const spec = containerSpec({
        ...this.#request,
        id: index === 0 ? this.#request.id : `${this.#request.id}-${index}`,
        container,
        port: index === 0 ? this.#request.port : undefined,
        image,
        user: await resolveImageUser(image.config.user, image.layers).catch((cause: unknown) =>
          failed("NOT_LOADED", notStartedMessage((cause as Error).message), container),
        ),
        network,
        mounts: mounts.of(container),
        secretEnv,
        surroundings: this.#deps.surroundings(network),
        cpus: how.cpus,
        pids: this.#deps.pids,
      });
      if (spec.args.length === 0) failed("NOT_LOADED", notStartedMessage("no command is given"), container);
      const sandbox = await this.#deps.sandboxes.start({ ...spec, onOutput: how.onOutput });
      this.#sandboxes.push(sandbox);
      return sandbox;
    } catch (cause) {
      if (cause instanceof StartError) throw cause;
      const notLoaded = cause instanceof SandboxError ? cause.notLoaded : undefined;
      if (notLoaded !== undefined) return failed("NOT_LOADED", notStartedMessage(notLoaded), container);
      return failed("RUNTIME", cause, container);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sandboxes.map((sandbox) => sandbox[Symbol.asyncDispose]()));
  }
}

function imageFailure(cause: unknown): StartError["reason"] {
  if (cause instanceof ImageNotFoundError) return "IMAGE_NOT_FOUND";
  return cause instanceof PlatformNotSupportedError ? "IMAGE_NOT_SUPPORTED" : "IMAGE_NOT_USABLE";
}

function registered(metadata: Pick<MetadataServer, "register">, network: NetworkLease, { spec, id }: StartRequest) {
  return metadata.register(network.address, {
    project: spec.project,
    location: spec.location,
    instanceId: id,
    serviceAccountEmail: spec.serviceAccountEmail,
  });
}

function failed(reason: StartError["reason"], cause: unknown, container?: ContainerSpec): never {
  throw new StartError(reason, cause, container && { container: container.name });
}
