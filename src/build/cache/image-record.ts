import type { BuildpackRecord } from "../lifecycle/exchange.ts";
import type { RepeatableBuild } from "../unchanged/use-again.ts";

/** A layer archive that is kept for the next build. */
export interface CachedArchive {
  readonly diffId: string;
  /** Digest and size of the compressed archive. */
  readonly digest: string;
  readonly size: number;
  /** Whether the next build wants the content back, unpacked. */
  readonly cache: boolean;
}

/** What is remembered of the last build of an image. */
export interface ImageRecord {
  readonly repository: string;
  readonly buildpacks: readonly BuildpackRecord[];
  readonly archives: readonly CachedArchive[];
  /** There when the same inputs would make the same image again. */
  readonly built?: RepeatableBuild;
}

/** Reads a record; undefined for one of another form, so that a new version of homerun starts with an empty cache. */
export function parseImageRecord(text: string): ImageRecord | undefined {
  try {
    const record = JSON.parse(text) as Partial<ImageRecord>;
    const isWhole =
      Array.isArray(record.buildpacks) && Array.isArray(record.archives) && record.repository !== undefined;
    return isWhole ? (record as ImageRecord) : undefined;
  } catch {
    return undefined;
  }
}
