import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { XzReadableStream } from "xz-decompress";
import { findProgram } from "../find-program.ts";

type XzModule = { readonly XzReadableStream: typeof XzReadableStream };

/**
 * Decompresses xz: with the host's program where there is one (faster), else, or with null, with
 * WebAssembly. Damaged data is an error.
 */
export function decompressXz(
  chunks: AsyncIterable<Uint8Array>,
  program: string | null = findProgram("xz") ?? null,
): AsyncIterable<Uint8Array> {
  return program === null ? withWebAssembly(chunks) : withProgram(program, chunks);
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
  // A CommonJS bundle whose names Node.js does not see: all of them are on the default export.
  const bundle = (await import("xz-decompress")) as unknown as { default: XzModule };
  yield* new bundle.default.XzReadableStream(Readable.toWeb(Readable.from(chunks)));
}
