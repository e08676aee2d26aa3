import type { Clock } from "../../../platform/clock.ts";
import type { Attributes } from "../fuse/file-system.ts";
import type { BucketMountOptions } from "./mount-options.ts";
import type { Node, Nodes } from "./nodes.ts";
import type { Objects } from "./objects.ts";
import type { StatCache } from "./stat-cache.ts";
import type { StorageObject } from "./storage-client.ts";

/** Metadata of objects by which Cloud Storage FUSE keeps what objects have no field for. */
export const METADATA = { mtime: "gcsfuse_mtime", symlink: "gcsfuse_symlink_target" } as const;
/** The kernel walks paths without asking for so long; opening asks, and finds what was removed meanwhile. */
const NAME_TTL_MS = 1000;
/** Attributes of folders are those of the mount. */
const FOLDER_TTL_MS = 3_600_000;
/** Sizes have to be those that opening found. */
const FILE_TTL_MS = 0;
/** gsutil's, in seconds. */
const GSUTIL_MTIME = "goog-reserved-file-mtime";

/** What the parts of a mounted bucket share. */
export interface BucketContext {
  readonly objects: Objects;
  readonly options: BucketMountOptions;
  readonly nodes: Nodes;
  readonly cache: StatCache;
  readonly clock: Clock;
  readonly stagingFolder: string;
  /** Time of folders, which have none. */
  readonly startedAtMs: number;
}

/** What stat(2) shows of a node as far as it is known here. */
export function attributesOf({ options, startedAtMs }: BucketContext, node: Node): Attributes {
  const { uid, gid, fileMode, dirMode } = options;
  const { id, kind, staged, object } = node;
  const name = Math.min(NAME_TTL_MS, options.metadataTtlMs);
  if (kind === "directory") {
    const validMs = { name, attributes: FOLDER_TTL_MS };
    return { node: id, kind, mode: dirMode, uid, gid, size: 0, mtimeMs: startedAtMs, validMs };
  }
  const size =
    kind === "symlink" ? Buffer.byteLength(symlinkTarget(object!)) : (staged?.size ?? Number(object?.size ?? 0));
  node.toldSize = size;
  const mode = kind === "symlink" ? 0o777 : fileMode;
  const mtimeMs = staged?.mtimeMs ?? mtimeOf(object) ?? startedAtMs;
  return { node: id, kind, mode, uid, gid, size, mtimeMs, validMs: { name, attributes: FILE_TTL_MS } };
}

export function kindOf(object: StorageObject): "file" | "symlink" {
  return object.metadata?.[METADATA.symlink] === undefined ? "file" : "symlink";
}

export function symlinkTarget(object: StorageObject): string {
  return object.metadata?.[METADATA.symlink] ?? "";
}

/** The metadata that says when a file was changed. */
export function mtimeMetadata(mtimeMs: number): Record<string, string> {
  return { [METADATA.mtime]: new Date(mtimeMs).toISOString() };
}

function mtimeOf(object: StorageObject | undefined): number | undefined {
  if (object === undefined) return undefined;
  const seconds = Number(object.metadata?.[GSUTIL_MTIME]);
  const times = [Date.parse(object.metadata?.[METADATA.mtime] ?? ""), seconds * 1000, Date.parse(object.updated)];
  return times.find((time) => !Number.isNaN(time));
}
