import type { Clock } from "../../../platform/clock.ts";
import type { FileKind } from "../fuse/protocol.ts";
import type { BucketMountOptions } from "./mount-options.ts";
import type { StorageObject } from "./storage-client.ts";

/** What a name stands for. */
export type Found =
  | { readonly kind: "absent" }
  | { readonly kind: "directory" }
  | { readonly kind: Exclude<FileKind, "directory">; readonly object: StorageObject };

/** What was found lately, by name of object without a slash at the end. */
export interface StatCache {
  get(path: string): Found | undefined;
  set(path: string, found: Found): void;
  delete(path: string): void;
  clear(): void;
}

type Limits = Pick<BucketMountOptions, "metadataTtlMs" | "negativeTtlMs" | "statCacheEntries">;

/** A cache that forgets by age and, when it is full, what was looked at longest ago. */
export function statCache(clock: Clock, { metadataTtlMs, negativeTtlMs, statCacheEntries }: Limits): StatCache {
  const entries = new Map<string, { readonly found: Found; readonly endsAtMs: number }>();
  return {
    get(path) {
      const entry = entries.get(path);
      if (entry === undefined) return undefined;
      entries.delete(path);
      if (clock.nowMs() >= entry.endsAtMs) return undefined;
      entries.set(path, entry);
      return entry.found;
    },
    set(path, found) {
      entries.delete(path);
      if (statCacheEntries === 0) return;
      if (entries.size >= statCacheEntries) entries.delete(entries.keys().next().value!);
      const ttlMs = found.kind === "absent" ? negativeTtlMs : metadataTtlMs;
      if (ttlMs > 0) entries.set(path, { found, endsAtMs: clock.nowMs() + ttlMs });
    },
    delete: (path) => void entries.delete(path),
    clear: () => entries.clear(),
  };
}
