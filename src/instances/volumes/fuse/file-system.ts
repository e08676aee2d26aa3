import { constants } from "node:os";
import type { FileKind } from "./protocol.ts";

type Awaitable<Value> = Value | Promise<Value>;

/** What stat(2) shows of a node. */
export interface Attributes {
  readonly node: number;
  readonly kind: FileKind;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtimeMs: number;
  /** How long the kernel need not ask again for the name that led here, and for the attributes. */
  readonly validMs: { readonly name: number; readonly attributes: number };
}

export interface AttributeChanges {
  readonly size?: number;
  readonly mtimeMs?: number | "now";
  /** The open file that the change came through. */
  readonly handle?: number;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: FileKind;
}

/** An opened file. */
export interface Opened {
  readonly handle: number;
  /** Whether what the kernel has cached of the content still holds. */
  readonly keepCache?: boolean;
  /** Whether reads and writes go past the kernel's cache. */
  readonly directIo?: boolean;
}

/**
 * What a FUSE server asks of a file system. Nodes are numbers, 1 is the root; whatever answers with Attributes to a name
 * counts one lookup of its node, until `forget`. Refuses by FsError; a method that is missing is refused with ENOSYS.
 */
export interface FileSystem {
  lookup(parent: number, name: string): Awaitable<Attributes>;
  forget(node: number, lookups: number): void;
  getAttributes(node: number): Awaitable<Attributes>;
  open(node: number, flags: number): Awaitable<Opened>;
  /** Fewer bytes than `size` only at the end of the file. */
  read(handle: number, offset: number, size: number): Awaitable<Uint8Array>;
  release(handle: number): Awaitable<void>;
  openDirectory(node: number): Awaitable<number>;
  /** Entries from a position on, at least one unless there is none. */
  readDirectory(handle: number, position: number): Awaitable<readonly DirectoryEntry[]>;
  releaseDirectory(handle: number): void;

  setAttributes?(node: number, changes: AttributeChanges): Awaitable<Attributes>;
  readLink?(node: number): Awaitable<string>;
  symlink?(parent: number, name: string, target: string): Awaitable<Attributes>;
  makeFile?(parent: number, name: string): Awaitable<Attributes>;
  makeDirectory?(parent: number, name: string): Awaitable<Attributes>;
  unlink?(parent: number, name: string): Awaitable<void>;
  removeDirectory?(parent: number, name: string): Awaitable<void>;
  rename?(from: Place, to: Place, options: { readonly replace: boolean }): Awaitable<void>;
  create?(parent: number, name: string, flags: number): Awaitable<Opened & { readonly attributes: Attributes }>;
  write?(handle: number, offset: number, data: Uint8Array): Awaitable<void>;
  /** Called when a descriptor of the file is closed; its error is what close(2) answers. */
  flush?(handle: number): Awaitable<void>;
  /** Makes what was written durable. */
  sync?(handle: number): Awaitable<void>;
  /** Makes the file at least so long. */
  allocate?(handle: number, bytes: number): Awaitable<void>;
  /** Called once at the end, when nothing is asked any more. */
  close?(): Awaitable<void>;
}

export interface Place {
  readonly parent: number;
  readonly name: string;
}

type ErrorName = keyof typeof constants.errno;

/** What a system call on the file system fails with. */
export class FsError extends Error {
  override readonly name = "FsError";
  readonly code: ErrorName;

  constructor(code: ErrorName, message: string = code) {
    super(message);
    this.code = code;
  }
}

/** Failures of the host's own files that whoever writes to the file system has to know. */
const PASSED_ON = ["ENOSPC", "EDQUOT", "EFBIG"];

/** The number of the error that a failure stands for; EIO for what nobody named. */
export function errnoOf(failure: unknown): number {
  const { code } = failure as { code?: unknown };
  const known = failure instanceof FsError || PASSED_ON.includes(String(code));
  return known ? (constants.errno[code as ErrorName] ?? constants.errno.EIO) : constants.errno.EIO;
}
