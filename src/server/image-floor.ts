import type { BaseImages, RegistryFetch } from "../oci/oci.ts";
import { createBaseImages } from "../oci/base/base-images.ts";
import { buildImageName, requireRuntime, runImageName } from "../oci/base/runtimes.ts";
import { toolImageName } from "../oci/base/tool-images.ts";
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
    baseImages: inRepositories(
      createBaseImages({
        dataFolder,
        client,
        ...(config.sources.debianMirror === undefined ? {} : { debianMirror: config.sources.debianMirror }),
      }),
      calls,
    ),
  };
}

/** Base images are pushed like any image, so their repositories have to exist first. */
function inRepositories(baseImages: BaseImages, { ensureRepositoryOf }: ImageFloorCalls): BaseImages {
  const ensured = new Map<string, Promise<void>>();
  const ensure = (reference: string) => {
    const done = ensured.get(reference) ?? ensureRepositoryOf(reference, SERVER);
    ensured.set(reference, done);
    done.catch(() => ensured.delete(reference));
    return done;
  };
  return {
    async ensureRunImage(id, onProgress, signal) {
      await ensure(runImageName(requireRuntime(id)));
      return baseImages.ensureRunImage(id, onProgress, signal);
    },
    async ensureBuildImage(id, onProgress, signal) {
      await Promise.all([runImageName, buildImageName].map((nameOf) => ensure(nameOf(requireRuntime(id)))));
      return baseImages.ensureBuildImage(id, onProgress, signal);
    },
    async ensureToolImage(id, onProgress, signal) {
      await ensure(toolImageName({ id }));
      return baseImages.ensureToolImage(id, onProgress, signal);
    },
  };
}
