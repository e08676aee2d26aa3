import type { Log } from "../../platform/log.ts";
import type { RevisionSpec } from "../serving.ts";
import { imagesOf } from "../workload.ts";

/** Remembers which images of a revision start. */
export interface ProvenImage {
  /** An instance of it has become ready. */
  prove(spec: RevisionSpec): void;
  /** What is wanted, with the images that start in place of those of `failed`; undefined when there is nothing to go back to. */
  fallBack(failed: RevisionSpec, wanted: RevisionSpec): RevisionSpec | undefined;
}

export function provenImage(log: Log): ProvenImage {
  let proven: RevisionSpec | undefined;
  return {
    prove: (spec) => void (proven = spec),
    fallBack(failed, wanted) {
      if (proven === undefined || isSameImage(proven, wanted) || !isSameImage(failed, wanted)) return undefined;
      const about = { revision: failed.name, images: imagesOf(failed) };
      log.error("an updated image does not start; the earlier one stays", about);
      return { ...wanted, containers: proven.containers };
    },
  };
}

/** Whether instances of two specs run the same. */
export function isSameImage(one: RevisionSpec, other: RevisionSpec): boolean {
  return imagesOf(one) === imagesOf(other);
}
