import type { RegistryStorage } from "../../../oci/distribution/storage.ts";
import type { Place } from "../images/place.ts";
import type { RegistryModel } from "../model.ts";
import { blobMethods } from "./blob-methods.ts";
import { manifestMethods } from "./manifest-methods.ts";
import { uploadMethods } from "./upload-methods.ts";

/** Finds the image that a repository name of the registry protocol stands for. */
export type PlaceOf = (name: string) => Promise<Place>;

/** The registry's content in Artifact Registry's rows and contents. */
export function createRegistryStorage(model: RegistryModel, placeOf: PlaceOf): RegistryStorage {
  return { ...blobMethods(model, placeOf), ...uploadMethods(model, placeOf), ...manifestMethods(model, placeOf) };
}
