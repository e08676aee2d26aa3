import { closeSync, constants, openSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { runCommand } from "../host/run-command.ts";

const BATCH = 16;

/**
 * Real pipes for the output of sandboxes. The pipes that spawn makes are sockets, on which opening /dev/stdout fails.
 * They are named pipes that are used again once all writers are gone.
 */
export interface Pipes {
  open(): Promise<Pipe>;
}

/** One pipe: read here, written by whoever inherits `writeEnd`. */
export interface Pipe {
  readonly readable: Socket;
  /** File descriptor to hand to a child process. */
  readonly writeEnd: number;
  /** Closes this process's copy of the write end, so that the pipe ends with its last writer. */
  closeWriteEnd(): void;
}

/** A supply of pipes with their names in `folder`. */
export function createPipes(folder: string): Pipes {
  const free: string[] = [];
  let made = 0;
  let making: Promise<void> | undefined;

  async function makeMore() {
    await mkdir(folder, { recursive: true });
    const paths = Array.from({ length: BATCH }, () => join(folder, `${made++}`));
    await runCommand("mkfifo", ["-m", "600", ...paths]);
    free.push(...paths);
  }

  async function take(): Promise<string> {
    for (;;) {
      const path = free.pop();
      if (path !== undefined) return path;
      making ??= makeMore().finally(() => (making = undefined));
      await making;
    }
  }

  return {
    async open() {
      const path = await take();
      return openPipe(path, () => free.push(path));
    },
  };
}

function openPipe(path: string, onEnded: () => void): Pipe {
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(path, constants.O_WRONLY);
  const readable = new Socket({ fd: readEnd, readable: true, writable: false });
  let writeEndOpen = true;
  const closeWriteEnd = () => {
    if (writeEndOpen) closeSync(writeEnd);
    writeEndOpen = false;
  };
  // Only after its end has nobody got the write end any more.
  readable.once("end", onEnded);
  readable.once("close", closeWriteEnd);
  return { readable, writeEnd, closeWriteEnd };
}
