import type { RunBaseImages } from "../context.ts";

/** Base images of which there is a newer one when a test says so. */
export interface TestBaseImages extends RunBaseImages {
  /** From now on images are put onto newer base images, which changes their digest to this one. */
  refresh(digest: string): void;
}

export function createTestBaseImages(): TestBaseImages {
  const listeners: (() => void)[] = [];
  let newest: string | undefined;
  return {
    rebaseOnNewest: async (image) => (newest === undefined ? image : image.replace(/@.*$/, `@${newest}`)),
    onRefreshed: (listener) => void listeners.push(listener),
    refresh(digest) {
      newest = digest;
      for (const listener of listeners) listener();
    },
  };
}
