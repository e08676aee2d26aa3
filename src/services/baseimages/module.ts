import type { BaseImageUpdates } from "../../oci/base/base-image-updates.ts";
import type { ServiceModule } from "../../wire/service-module.ts";
import { baseImagesSurface } from "./surface.ts";

/** What services/baseimages needs; wire-up provides it. */
export interface BaseImagesApiDeps {
  readonly baseImageUpdates: BaseImageUpdates;
}

/**
 * The base images of this server. Google has no such API, since it looks after its own images: this one is homerun's,
 * below /baseimages on the shared port, and is not listed among Google's.
 */
export function baseimages(deps: BaseImagesApiDeps): ServiceModule {
  return { name: "baseimages", services: [], rpcs: [], surfaces: [baseImagesSurface(deps)] };
}
