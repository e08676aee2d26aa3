import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { findProgram } from "../find-program.ts";

/** Decompresses xz: with the host's program where there is one (several times faster), else with WebAssembly. */
export function decompressXz(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const program = findProgram("xz");
  return program === undefined ? withWebAssembly(chunks) : withProgram(program, chunks);
}

async function* withProgram(program: string, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const child = spawn(program, ["-dc"], { stdio: ["pipe", "pipe", "ignore"] });
  const code = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  code.catch(() => {});
  const writing = pipeline(chunks, child.stdin).then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    if ((await code) !== 0) throw new Error("damaged xz data", { cause: await writing });
  } finally {
    child.kill();
  }
}

async function* withWebAssembly(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const { XzReadableStream } = await import("xz-decompress");
  yield* new XzReadableStream(Readable.toWeb(Readable.from(chunks))) as unknown as AsyncIterable<Uint8Array>;
}
