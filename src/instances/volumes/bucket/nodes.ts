import { FsError } from "../fuse/file-system.ts";
import { type FileKind, ROOT_NODE } from "../fuse/protocol.ts";
import type { StagedFile } from "./staged-file.ts";
import type { StorageObject } from "./storage-client.ts";

/** Cloud Storage FUSE shows a file that is named like a folder beside it with a line feed at the end. */
const CONFLICT_MARK = "\n";

/** Something that the kernel knows by number. */
export interface Node {
  readonly id: number;
  readonly kind: FileKind;
  parent: Node | undefined;
  name: string;
  /** How many times the kernel was told of it. */
  lookups: number;
  /** Opened files. */
  handles: number;
  /** The newest known generation of a file; absent while it was never uploaded, and for folders. */
  object?: StorageObject;
  checkedAtMs: number;
  /** Content that is being changed. */
  staged?: StagedFile;
  /** The upload that is under way. */
  uploading?: Promise<void>;
  /** No name leads to it any more: what is written to it goes nowhere. */
  unlinked: boolean;
  /** The generation whose content the kernel may have cached. */
  cachedGeneration?: string;
  /** The size that the kernel was told last. */
  toldSize: number;
}

/** The nodes of a mount by number and by place. */
export class Nodes {
  readonly root: Node;
  readonly #prefix: string;
  readonly #byId = new Map<number, Node>();
  readonly #byPlace = new Map<string, Node>();
  #lastId = ROOT_NODE - 1;

  /** `prefix` is the name of the root's objects: "" or "folder/". */
  constructor(prefix: string) {
    this.#prefix = prefix;
    this.root = this.#make(undefined, "", "directory");
  }

  find(id: number): Node | undefined {
    return this.#byId.get(id);
  }

  /** Throws ESTALE for a number that was forgotten. */
  get(id: number): Node {
    const node = this.#byId.get(id);
    if (node === undefined) throw new FsError("ESTALE");
    return node;
  }

  child(parent: Node, name: string): Node | undefined {
    return this.#byPlace.get(placeOf(parent, name));
  }

  /** A new node in a place; what was there before loses its name. */
  add(parent: Node, name: string, kind: FileKind): Node {
    this.detach(this.child(parent, name));
    const node = this.#make(parent, name, kind);
    this.#byPlace.set(placeOf(parent, name), node);
    return node;
  }

  /** Takes the name from a node. */
  detach(node: Node | undefined): void {
    if (node === undefined || node.unlinked) return;
    node.unlinked = true;
    this.#byPlace.delete(placeOf(node.parent!, node.name));
  }

  move(node: Node, parent: Node, name: string): void {
    this.detach(this.child(parent, name));
    this.#byPlace.delete(placeOf(node.parent!, node.name));
    Object.assign(node, { parent, name });
    this.#byPlace.set(placeOf(parent, name), node);
  }

  /** Drops a node that neither the kernel nor anything here refers to. */
  release(node: Node): void {
    if (node.lookups > 0 || node.handles > 0 || node.staged !== undefined || node === this.root) return;
    this.detach(node);
    this.#byId.delete(node.id);
  }

  all(): IterableIterator<Node> {
    return this.#byId.values();
  }

  /** Name of a file's object, or what the names of everything in a folder begin with. */
  pathOf(node: Node): string {
    if (node.parent === undefined) return this.#prefix;
    return this.pathIn(node.parent, node.name) + (node.kind === "directory" ? "/" : "");
  }

  /** Name of the object that a name in a folder stands for. */
  pathIn(parent: Node, name: string): string {
    return this.pathOf(parent) + (name.endsWith(CONFLICT_MARK) ? name.slice(0, -1) : name);
  }

  #make(parent: Node | undefined, name: string, kind: FileKind): Node {
    const id = ++this.#lastId;
    const node = { id, kind, parent, name, lookups: 0, handles: 0, checkedAtMs: 0, unlinked: false, toldSize: 0 };
    this.#byId.set(id, node);
    return node;
  }
}

/** The name under which a file beside a folder of the same name is shown. */
export function conflictName(name: string): string {
  return name + CONFLICT_MARK;
}

/** Whether a name is that of a file beside a folder of the same name. */
export function isConflictName(name: string): boolean {
  return name.endsWith(CONFLICT_MARK);
}

function placeOf(parent: Node, name: string): string {
  return `${parent.id}/${name}`;
}
