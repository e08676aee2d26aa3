import type { ImageCache, UnpackedImage } from "../../oci/oci.ts";
import type { NetworkLease, Networks } from "../network/network.ts";
import type { Sandbox, Sandboxes } from "../sandbox.ts";
import type { CreateServingDeps, MetadataServer } from "../serving.ts";
import type { ContainerSpec } from "../workload.ts";
import { containerSpec } from "./container-spec.ts";
import { resolveImageUser } from "./image-user.ts";
import { type ContainerStart, StartError, type StartInstance, type StartRequest } from "./start-instance.ts";

export interface ColdStartDeps {
  readonly sandboxes: Pick<Sandboxes, "start">;
  readonly networks: Pick<Networks, "acquire">;
  readonly images: Pick<ImageCache, "ensure">;
  readonly surroundings: CreateServingDeps["surroundings"];
  readonly metadata: Pick<MetadataServer, "register">;
  readonly pids: number;
}

type Images = ReadonlyMap<ContainerSpec, Promise<UnpackedImage>>;

/** Starts from nothing: images, network, containers. What an earlier step made is given back when a later one fails. */
export function coldStart(deps: ColdStartDeps): StartInstance {
  return async (request) => {
    await using undo = new AsyncDisposableStack();
    const images = ensureImages(deps, request);
    const network = undo.use(await deps.networks.acquire().catch((cause: unknown) => failed("RUNTIME", cause)));
    undo.use(registered(deps.metadata, network, request));
    const containers = undo.use(new Containers(deps, request, images, network));
    const owned = undo.move();
    return {
      address: network.address,
      start: (container, how) => containers.start(container, how),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  };
}

/** The images of all containers, on their way while the rest is prepared. */
function ensureImages({ images }: ColdStartDeps, { spec, signal }: StartRequest): Images {
  return new Map(
    spec.containers.map((container) => {
      const image = images.ensure(container.image, signal);
      // Whoever starts the container is told.
      image.catch(() => undefined);
      return [container, image];
    }),
  );
}

/** The sandboxes of one instance. Disposing kills those that were started, all at once. */
class Containers implements AsyncDisposable {
  readonly #deps: ColdStartDeps;
  readonly #request: StartRequest;
  readonly #images: Images;
  readonly #network: NetworkLease;
  readonly #sandboxes: Sandbox[] = [];

  constructor(deps: ColdStartDeps, request: StartRequest, images: Images, network: NetworkLease) {
    this.#deps = deps;
    this.#request = request;
    this.#images = images;
    this.#network = network;
  }

  async start(container: ContainerSpec, how: ContainerStart): Promise<Sandbox> {
    const { containers } = this.#request.spec;
    const image = await this.#images.get(container)!.catch((cause: unknown) => failed("IMAGE_NOT_FOUND", cause));
    try {
      const index = containers.indexOf(container);
      const spec = containerSpec({
        ...this.#request,
        id: index === 0 ? this.#request.id : `${this.#request.id}-${index}`,
        container,
        port: index === 0 ? this.#request.port : undefined,
        image,
        user: await resolveImageUser(image.config.user, image.layers),
        network: this.#network,
        surroundings: this.#deps.surroundings(this.#network),
        cpus: how.cpus,
        pids: this.#deps.pids,
      });
      const sandbox = await this.#deps.sandboxes.start({ ...spec, onOutput: how.onOutput });
      this.#sandboxes.push(sandbox);
      return sandbox;
    } catch (cause) {
      return failed("RUNTIME", cause);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sandboxes.map((sandbox) => sandbox[Symbol.asyncDispose]()));
  }
}

function registered(metadata: Pick<MetadataServer, "register">, network: NetworkLease, { spec, id }: StartRequest) {
  return metadata.register(network.address, {
    project: spec.project,
    location: spec.location,
    instanceId: id,
    serviceAccountEmail: spec.serviceAccountEmail,
  });
}

function failed(reason: StartError["reason"], cause: unknown): never {
  throw new StartError(reason, cause);
}
