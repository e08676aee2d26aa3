import { read, writevSync } from "node:fs";
import { constants } from "node:os";
import { errnoOf, type FileSystem } from "./file-system.ts";
import { IN_HEADER_BYTES, INIT_FLAG, MAX_PAGES, MAX_WRITE_BYTES, OPCODE, OUT_HEADER_BYTES } from "./protocol.ts";
import { PROTOCOL, REQUEST_BYTES } from "./protocol.ts";
import { answerRequest, forget } from "./requests.ts";
import { Fields } from "./wire.ts";

/** Threads that wait for the kernel; a second one takes a request while the first one's is taken over. */
const READERS = 2;
/** Requests in the background (read-ahead) that the kernel sends at the same time. */
const MAX_BACKGROUND = 32;
/** Requests up to this size are copied out of their buffer, which then takes the next one. */
const SMALL_REQUEST_BYTES = 64 * 1024;

/** A file system that is being served. */
export interface FuseServer {
  /** Resolves when the kernel and this process have agreed on a version; rejects when they cannot. */
  readonly ready: Promise<void>;
  /** Resolves when the file system is unmounted and everything it was asked is done. */
  readonly ended: Promise<void>;
  /** Resolves when nothing that was asked is under way any more. */
  idle(): Promise<void>;
}

/**
 * Answers what the kernel asks through an opened and mounted /dev/fuse. Each reader blocks a thread of libuv's pool:
 * UV_THREADPOOL_SIZE has to leave room for others. `onError` gets failures that are no answers of the file system.
 */
export function serveFuse(fd: number, fileSystem: FileSystem, onError: (error: unknown) => void): FuseServer {
  const { promise: ready, resolve: agreed, reject: disagreed } = Promise.withResolvers<void>();
  const underWay = new Set<Promise<void>>();

  function dispatch(request: Buffer): Promise<void> | undefined {
    const { opcode, unique, node, body } = split(request);
    switch (opcode) {
      case OPCODE.INIT:
        agreeOn(fd, unique, body, agreed, disagreed);
        return undefined;
      case OPCODE.FORGET:
      case OPCODE.BATCH_FORGET:
        forget(fileSystem, opcode, node, body);
        return undefined;
      case OPCODE.DESTROY:
        reply(fd, unique, 0);
        return undefined;
    }
    return answerRequest(fileSystem, opcode, node, body).then(
      (content) => reply(fd, unique, 0, content),
      (failure: unknown) => {
        const errno = errnoOf(failure);
        if (errno === constants.errno.EIO) onError(failure);
        reply(fd, unique, errno);
      },
    );
  }

  async function readRequests(): Promise<void> {
    let buffer = Buffer.allocUnsafeSlow(REQUEST_BYTES);
    for (;;) {
      const length = await readOne(fd, buffer);
      if (length === undefined) return;
      const small = length <= SMALL_REQUEST_BYTES;
      const work = dispatch(small ? Buffer.from(buffer.subarray(0, length)) : buffer.subarray(0, length));
      if (work === undefined) continue;
      const tracked = work.catch(onError).finally(() => underWay.delete(tracked));
      underWay.add(tracked);
      // Whoever writes holds its bytes until they are written, which mostly is at once.
      if (!small) await tracked;
    }
  }

  const idle = async () => {
    while (underWay.size > 0) await Promise.all(underWay);
  };
  const ended = Promise.all(Array.from({ length: READERS }, readRequests)).then(async () => {
    disagreed(new Error("unmounted before it was ready"));
    await idle();
  });
  ready.catch(() => {});
  return { ready, ended, idle };
}

function split(request: Buffer) {
  return {
    opcode: request.readUInt32LE(4),
    unique: request.subarray(8, 16),
    node: new Fields(request.subarray(16)).u64(),
    body: request.subarray(IN_HEADER_BYTES),
  };
}

/** Answers INIT (fuse_init_in, fuse_init_out): a newer kernel steps down to this version, an older one is refused. */
function agreeOn(
  fd: number,
  unique: Buffer,
  body: Buffer,
  agreed: () => void,
  disagreed: (error: Error) => void,
): void {
  const [major, minor, readAhead, offered] = [0, 4, 8, 12].map((at) => body.readUInt32LE(at)) as [
    number,
    number,
    number,
    number,
  ];
  const answer = Buffer.alloc(64);
  answer.writeUInt32LE(PROTOCOL.major, 0);
  answer.writeUInt32LE(PROTOCOL.minor, 4);
  // The kernel asks again with the major version it is told.
  if (major > PROTOCOL.major) return reply(fd, unique, 0, answer);
  if (major < PROTOCOL.major || minor < PROTOCOL.minor) {
    reply(fd, unique, constants.errno.EPROTO);
    return disagreed(
      new Error(`the kernel speaks FUSE ${major}.${minor}; ${PROTOCOL.major}.${PROTOCOL.minor} is needed`),
    );
  }
  const wanted = Object.values(INIT_FLAG).reduce((all, flag) => all | flag, 0);
  answer.writeUInt32LE(readAhead, 8);
  answer.writeUInt32LE((wanted & offered) >>> 0, 12);
  answer.writeUInt16LE(MAX_BACKGROUND, 16);
  answer.writeUInt16LE((MAX_BACKGROUND * 3) / 4, 18);
  answer.writeUInt32LE(MAX_WRITE_BYTES, 20);
  answer.writeUInt32LE(1, 24);
  answer.writeUInt16LE(MAX_PAGES, 28);
  reply(fd, unique, 0, answer);
  agreed();
}

/** Length of the next request; undefined when there will be none, since the file system is unmounted or cut off. */
function readOne(fd: number, buffer: Buffer): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const again = () =>
      read(fd, buffer, 0, buffer.length, null, (error, length) => {
        if (error === null) return resolve(length);
        // ENOENT: the process that asked was interrupted meanwhile.
        if (["ENOENT", "EINTR", "EAGAIN"].includes(error.code ?? "")) return again();
        if (["ENODEV", "ECONNABORTED", "EBADF"].includes(error.code ?? "")) return resolve(undefined);
        reject(error);
      });
    again();
  });
}

function reply(fd: number, unique: Buffer, errno: number, content?: Uint8Array): void {
  const header = Buffer.alloc(OUT_HEADER_BYTES);
  const body = errno === 0 && content !== undefined ? content : new Uint8Array(0);
  header.writeUInt32LE(OUT_HEADER_BYTES + body.length, 0);
  header.writeInt32LE(-errno, 4);
  unique.copy(header, 8);
  try {
    writevSync(fd, body.length > 0 ? [header, body] : [header]);
  } catch (error) {
    // Nobody waits for it any more: the asking process was interrupted, or the file system is gone.
    if (!["ENOENT", "ENODEV", "ECONNABORTED"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
