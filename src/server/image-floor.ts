import type { RegistryFetch } from "../oci/oci.ts";
import { createBaseImages } from "../oci/base/base-images.ts";
import { createDistributionClient } from "../oci/distribution/client.ts";
import { createImageCache } from "../oci/image-cache.ts";
import type { Clock } from "../platform/clock.ts";
import type { Config } from "../platform/config/config.ts";
import type { Ids } from "../platform/ids.ts";
import type { Principal } from "../wire/credentials/principal.ts";

/** The server's own registry: any location of Artifact Registry. */
const OWN_REGISTRY = /(^|-)docker\.pkg\.dev$/;
/** Who pulls and pushes for the server itself. */
const SERVER: Principal = { kind: "serviceAgent", email: "server@homerun.iam.gserviceaccount.com" };

/** What the floor needs of the services above it. */
export interface ImageFloorCalls {
  readonly fetchInProcess: (request: Request, as: Principal) => Promise<Response>;
  /** Makes sure that the repository of an image reference exists. */
  readonly ensureRepositoryOf: (reference: string, as: Principal) => Promise<void>;
}

/** Images: the registry client, the unpacked images and homerun's own base images. */
export function openImageFloor(config: Config, clock: Clock, ids: Ids, calls: ImageFloorCalls) {
  const fetchRegistry: RegistryFetch = (request) =>
    OWN_REGISTRY.test(new URL(request.url).hostname) ? calls.fetchInProcess(request, SERVER) : fetch(request);
  const client = createDistributionClient({ fetch: fetchRegistry, clock });
  const dataFolder = config.dataDir;
  return {
    client,
    images: createImageCache({ dataFolder, client, ids }),
    baseImages: createBaseImages({
      dataFolder,
      client,
      ensureRepository: onceEach((name) => calls.ensureRepositoryOf(name, SERVER)),
      ...(config.sources.debianMirror === undefined ? {} : { debianMirror: config.sources.debianMirror }),
    }),
  };
}

/** Runs something once for each name, again only where it failed. */
function onceEach(run: (name: string) => Promise<void>): (name: string) => Promise<void> {
  const running = new Map<string, Promise<void>>();
  return (name) => {
    const done = running.get(name) ?? run(name);
    running.set(name, done);
    done.catch(() => running.delete(name));
    return done;
  };
}
