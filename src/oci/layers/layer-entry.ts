/** One entry of a layer: what a tar archive says of a file, without anything that depends on the machine it was made on. */
export type LayerEntry = LayerFile | LayerDirectory | LayerLink;

interface LayerEntryBase {
  /** Path from the root of the image, without leading or trailing slash. */
  readonly path: string;
  /** Permission bits with set-uid, set-gid and sticky, for example 0o755. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface LayerFile extends LayerEntryBase {
  readonly type: "file";
  readonly size: number;
  /** The content, or a function that opens it; opened once, when the entry's turn comes. */
  readonly content: Uint8Array | (() => AsyncIterable<Uint8Array>);
}

export interface LayerDirectory extends LayerEntryBase {
  readonly type: "directory";
}

export interface LayerLink extends LayerEntryBase {
  /** A symbolic link, or "link" for a hard link to an entry that came before. */
  readonly type: "symlink" | "link";
  readonly target: string;
}

/** A directory entry owned by root. */
export function directoryEntry(path: string, mode = 0o755, uid = 0, gid = 0): LayerDirectory {
  return { type: "directory", path, mode, uid, gid };
}

/** A file entry with its content in memory, owned by root. */
export function fileEntry(path: string, content: string | Uint8Array, mode = 0o644): LayerFile {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return { type: "file", path, mode, uid: 0, gid: 0, size: bytes.byteLength, content: bytes };
}

/** A symbolic link owned by root. */
export function symlinkEntry(path: string, target: string): LayerLink {
  return { type: "symlink", path, target, mode: 0o777, uid: 0, gid: 0 };
}
