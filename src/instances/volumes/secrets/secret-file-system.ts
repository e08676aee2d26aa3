import type { Clock } from "../../../platform/clock.ts";
import { type Attributes, type DirectoryEntry, type FileSystem, FsError } from "../fuse/file-system.ts";
import { ROOT_NODE } from "../fuse/protocol.ts";

/** Google: k8s.min.proto, SecretVolumeSource.default_mode: this umask is applied to modes. */
const MODE_UMASK = 0o222;
const DEFAULT_MODE = 0o444;
const DIRECTORY_MODE = 0o755;
/** How long stat(2) shows a size that may have changed; opening always asks. */
const SIZE_TTL_MS = 1000;
/** Names never change. */
const NAME_TTL_MS = 3_600_000;

export interface SecretFile {
  /** Relative path: "folder/name". */
  readonly path: string;
  readonly version: string;
  /** Permission bits; 0 means the default. */
  readonly mode: number;
}

export interface SecretContent {
  readonly data: Uint8Array;
}

export interface SecretFileSystemOptions {
  readonly files: readonly SecretFile[];
  /** Reads a version now. */
  readonly fetch: (version: string) => Promise<SecretContent>;
  readonly clock: Clock;
}

interface FileNode {
  readonly kind: "file";
  readonly version: string;
  readonly mode: number;
  known?: { readonly data: Uint8Array; readonly checkedAtMs: number; readonly changedAtMs: number };
}

interface DirectoryNode {
  readonly kind: "directory";
  readonly children: Map<string, number>;
}

/**
 * Versions of a secret as read-only files of root. Opening a file fetches its version, so that an alias or "latest"
 * follows rotation while an opened file keeps its content; a numbered version is fetched once. Nothing is kept on disk.
 */
export function secretFileSystem({ files, fetch, clock }: SecretFileSystemOptions): FileSystem {
  const startedAtMs = clock.nowMs();
  const nodes = buildTree(files);
  const opened = new Map<number, Uint8Array>();
  let lastHandle = 0;

  async function contentOf(file: FileNode, maxAgeMs: number): Promise<Uint8Array> {
    const { known } = file;
    const pinned = /^\d+$/.test(file.version);
    if (known !== undefined && (pinned || clock.nowMs() - known.checkedAtMs < maxAgeMs)) return known.data;
    const { data } = await fetch(file.version);
    const now = clock.nowMs();
    const same = known !== undefined && Buffer.compare(known.data, data) === 0;
    file.known = { data, checkedAtMs: now, changedAtMs: same ? known.changedAtMs : now };
    return data;
  }

  async function attributesOf(node: number): Promise<Attributes> {
    const found = nodes.get(node);
    if (found === undefined) throw new FsError("ENOENT");
    const root = { node, uid: 0, gid: 0, kind: found.kind, validMs: { name: NAME_TTL_MS, attributes: 0 } };
    if (found.kind === "directory") return { ...root, mode: DIRECTORY_MODE, size: 0, mtimeMs: startedAtMs };
    // The file is there, readable or not: only reading it fails.
    const size = await contentOf(found, SIZE_TTL_MS).then(
      ({ length }) => length,
      () => 0,
    );
    return { ...root, mode: found.mode, size, mtimeMs: found.known?.changedAtMs ?? startedAtMs };
  }

  return {
    lookup(parent, name) {
      const child = directory(nodes.get(parent)).children.get(name);
      if (child === undefined) throw new FsError("ENOENT");
      return attributesOf(child);
    },
    forget() {},
    getAttributes: attributesOf,
    async open(node) {
      const file = nodes.get(node);
      if (file?.kind !== "file") throw new FsError("EISDIR");
      opened.set(++lastHandle, await contentOf(file, 0));
      return { handle: lastHandle, directIo: true };
    },
    read: (handle, offset, size) => opened.get(handle)!.subarray(offset, offset + size),
    release: (handle) => void opened.delete(handle),
    openDirectory: (node) => node,
    readDirectory: (node, position) => entriesOf(nodes, node).slice(position),
    releaseDirectory() {},
  };
}

/** The permission bits of a secret's file. Google: k8s.min.proto, SecretVolumeSource.default_mode. */
export function secretFileMode(mode: number | undefined, defaultMode: number): number {
  return (mode || defaultMode || DEFAULT_MODE) & 0o777 & ~MODE_UMASK;
}

function buildTree(files: readonly SecretFile[]): Map<number, FileNode | DirectoryNode> {
  const nodes = new Map<number, FileNode | DirectoryNode>([[ROOT_NODE, { kind: "directory", children: new Map() }]]);
  const add = (parent: number, name: string, node: FileNode | DirectoryNode) => {
    const id = nodes.size + 1;
    nodes.set(id, node);
    directory(nodes.get(parent)).children.set(name, id);
    return id;
  };
  for (const { path, version, mode } of files) {
    const folders = path.split("/").filter((part) => part !== "" && part !== ".");
    const name = folders.pop();
    if (name === undefined) continue;
    let parent = ROOT_NODE;
    for (const folder of folders) {
      const existing = directory(nodes.get(parent)).children.get(folder);
      parent = existing ?? add(parent, folder, { kind: "directory", children: new Map() });
    }
    add(parent, name, { kind: "file", version, mode });
  }
  return nodes;
}

function entriesOf(nodes: ReadonlyMap<number, FileNode | DirectoryNode>, node: number): DirectoryEntry[] {
  const children = [...directory(nodes.get(node)).children];
  const dots = [".", ".."].map((name) => ({ name, kind: "directory" as const }));
  return [...dots, ...children.map(([name, child]) => ({ name, kind: nodes.get(child)!.kind }))];
}

function directory(node: FileNode | DirectoryNode | undefined): DirectoryNode {
  if (node?.kind !== "directory") throw new FsError("ENOTDIR");
  return node;
}
