import { isTag } from "../../../oci/reference.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { invalidArgument } from "../../../wire/errors.ts";
import { requestedEntityNotFound } from "../errors.ts";
import { parseChildName } from "../v1/names.ts";
import type { Place } from "./place.ts";
import type { ImageStore } from "./store.ts";

/** The digest a tag is to point at; rejects a bad tag and a version that is not in its package. */
export async function versionOfTag(
  imageStore: ImageStore,
  transaction: StoreTransaction,
  place: Place,
  tag: string,
  version: string,
): Promise<string> {
  if (!isTag(tag)) throw invalid("tag_id", `Invalid tag: '${tag}'.`);
  const { id, repository, image } = parseChildName(version, "versions", "tag.version");
  if (repository !== place.repository || image !== place.image) {
    throw invalid("tag.version", "A tag and its version must be in the same package.");
  }
  if (!(await imageStore.getManifest(place, id, transaction))) throw requestedEntityNotFound(version);
  return id;
}

function invalid(field: string, description: string) {
  return invalidArgument(description, [{ field, description }]);
}
