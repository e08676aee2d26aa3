import { type ChildProcessByStdio, spawn } from "node:child_process";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { findProgram } from "../../oci/find-program.ts";

const SCRIPT = join(import.meta.dirname, "scripts", "swap-root.pl");
/** setns, mount, umount2 and pivot_root, by process.arch (asm/unistd.h). */
const SYSTEM_CALLS: Readonly<Record<string, readonly number[]>> = {
  x64: [308, 165, 166, 155],
  arm64: [268, 40, 39, 41],
};
/** Where administrators' programs lie besides the PATH. */
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What becomes the root file system of which sandbox. */
export interface RootSwap {
  /** Files of two mount namespaces: the one in which the sandbox was launched, and the one it runs in. */
  readonly outerNamespace: string;
  readonly innerNamespace: string;
  /** Holds layers/0 (lowest) and so on as links, and two empty folders, writable/ and rootfs/. */
  readonly folder: string;
  readonly layerCount: number;
  readonly memoryBytes: number;
  /** Folder of the sandbox in which the new root is mounted before it becomes the root. */
  readonly mountPoint: string;
  /** What stays mounted from the old root: folders and files, absolute paths in the sandbox. */
  readonly keep: readonly { readonly kind: "folder" | "file"; readonly path: string }[];
  /** Whether /tmp gets an empty file system of its own in memory. */
  readonly ownTmp: boolean;
  /** Named pipe on the host, and what is written to it when all is done. */
  readonly control: string;
  readonly message: string;
}

/** Gives sandboxes that run already another root file system. */
export interface RootSwaps extends Disposable {
  /** Rejects when it failed; the sandbox is good for nothing then. */
  swap(swap: RootSwap): Promise<void>;
}

type Program = ChildProcessByStdio<Writable, Readable, null>;

/**
 * Swaps by a program of its own, because Node.js has no system calls for namespaces; it runs from the first swap on and
 * ends with this process. Undefined where the host has no Perl, or the processor is another one.
 */
export function createRootSwaps(): RootSwaps | undefined {
  const perl = findProgram("perl", `${process.env["PATH"] ?? ""}:${SYSTEM_PATH}`);
  const calls = SYSTEM_CALLS[process.arch];
  if (perl === undefined || calls === undefined) return undefined;
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  let program: Program | undefined;
  let lastId = 0;

  function start(): Program {
    // Signals of the terminal are for the server.
    const child = spawn(perl!, [SCRIPT, ...calls!.map(String)], { stdio: ["pipe", "pipe", "inherit"], detached: true });
    child.unref();
    hurry(child.pid);
    for (const stream of [child.stdin, child.stdout]) (stream as unknown as { unref?(): void }).unref?.();
    child.stdin.on("error", () => {});
    createInterface({ input: child.stdout }).on("line", settle);
    const gone = () => {
      if (program === child) program = undefined;
      for (const { reject } of waiting.values()) reject(new Error("the program that swaps roots has ended"));
      waiting.clear();
    };
    child.once("error", gone);
    child.once("exit", gone);
    return child;
  }

  function settle(line: string): void {
    const at = line.indexOf(" ");
    const [id, wrong] = [line.slice(0, at), line.slice(at + 1)];
    const turn = waiting.get(id);
    waiting.delete(id);
    if (wrong === "") turn?.resolve();
    else turn?.reject(new Error(`the root file system was not swapped: ${wrong}`));
  }

  return {
    swap(swap) {
      const id = `${++lastId}`;
      const turn = Promise.withResolvers<void>();
      waiting.set(id, turn);
      program ??= start();
      program.stdin.write(`${[id, ...wordsOf(swap)].map(encodeURIComponent).join(" ")}\n`);
      return turn.promise;
    },
    [Symbol.dispose]: () => void program?.kill("SIGKILL"),
  };
}

/** A request waits for each swap. */
function hurry(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_HIGH);
  } catch {
    // Not allowed everywhere.
  }
}

function wordsOf(swap: RootSwap): string[] {
  const layers = Array.from({ length: swap.layerCount }, (_, index) => `layers/${index}`);
  const size = `size=${swap.memoryBytes}`;
  return [
    swap.outerNamespace,
    swap.innerNamespace,
    swap.folder,
    layers.toReversed().join(":"),
    `mode=0755,${size}`,
    swap.ownTmp ? `mode=1777,${size}` : "",
    swap.mountPoint,
    swap.control,
    swap.message,
    ...swap.keep.map(({ kind, path }) => `${kind === "folder" ? "d" : "f"}${path}`),
  ];
}
