import { constants } from "node:fs";
import { FsError } from "../fuse/file-system.ts";
import type { Node } from "./nodes.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { StorageObject } from "./storage-client.ts";

/** An opened file. */
export interface Handle {
  readonly node: Node;
  /** Whether everything is written at the end. */
  readonly append: boolean;
  /** The generation that is read as long as nobody here changes the file. */
  object: StorageObject | undefined;
  reader?: ObjectReader | undefined;
}

/** The opened files of a mount. */
export class Handles {
  readonly #byId = new Map<number, Handle>();
  #lastId = 0;

  get(id: number): Handle {
    const handle = this.#byId.get(id);
    if (handle === undefined) throw new FsError("EBADF");
    return handle;
  }

  open(node: Node, flags: number): number {
    this.#byId.set(++this.#lastId, { node, append: (flags & constants.O_APPEND) !== 0, object: node.object });
    node.handles++;
    return this.#lastId;
  }

  close(id: number): void {
    this.get(id).node.handles--;
    this.#byId.delete(id);
  }

  /** Lets what is opened of a node read this generation from now on. */
  follow(node: Node, object: StorageObject | undefined): void {
    const opened = [...this.#byId.values()].filter((handle) => handle.node === node);
    for (const handle of opened) Object.assign(handle, { object, reader: undefined });
  }
}
