import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { unpackLayer } from "../../../src/oci/layers/unpack-layer.ts";
import { unpackZip } from "../../../src/services/cloudbuild/source/unpack-zip.ts";
import { readMultipart } from "../../../src/services/storage/json/multipart.ts";
import { tarOf, zipOf } from "../../support/archives.ts";
import { type FuzzTarget, onlyThrows } from "../target.ts";

const LIMITS = { maxBytes: 1024 * 1024, maxEntries: 100 };

async function* inPieces(input: Buffer, size: number): AsyncIterable<Uint8Array> {
  for (let start = 0; start < input.length; start += size) yield input.subarray(start, start + size);
}

/** A folder in a folder of its own, so that what breaks out of it is seen beside it. */
async function inCage(use: (folder: string) => Promise<unknown>): Promise<void> {
  const cage = mkdtempSync(join(tmpdir(), "homerun-fuzz-"));
  const folder = join(cage, "folder");
  try {
    await onlyThrows(
      () => use(folder),
      (error) => error instanceof Error && !(error instanceof RangeError) && !(error instanceof TypeError),
    );
    assert.deepEqual(
      readdirSync(cage).filter((name) => name !== "folder"),
      [],
      "something was written outside the folder",
    );
    for (const name of ["/fuzz-escape", join(tmpdir(), "fuzz-escape")]) assert.ok(!existsSync(name), name);
  } finally {
    rmSync(cage, { recursive: true, force: true });
  }
}

const TAR = gunzipSync(
  await tarOf([
    { header: { name: "etc/", type: "directory" } },
    { header: { name: "etc/a" }, content: "hello" },
    { header: { name: "etc/link", type: "symlink", linkname: "a" } },
    { header: { name: "etc/hard", type: "link", linkname: "etc/a" } },
    { header: { name: "etc/.wh.b" }, content: "" },
  ]),
);
const PATHS = [
  "../",
  "/",
  "..",
  "fuzz-escape",
  ".wh.",
  ".wh..wh..opq",
  "\0",
  "./",
  "../fuzz-escape",
  "/tmp/fuzz-escape",
];

/** Archives, which must not write outside their folder, and bodies in parts. */
export const archiveTargets: readonly FuzzTarget[] = [
  {
    name: "layer",
    seeds: [TAR, gzipSync(TAR)],
    words: [...PATHS, Buffer.alloc(512), "0000000\0", "ustar\0", "5", "2", "1"],
    inputs: 250,
    run: (input) =>
      inCage(async (folder) => {
        mkdirSync(folder);
        await unpackLayer(inPieces(input, 1000), folder, LIMITS);
      }),
  },
  {
    name: "source-zip",
    seeds: [await zipOf({ "a/b.txt": "hello", "c/": "", "d.js": "x".repeat(1000) })],
    words: [...PATHS, "PK\x03\x04", "PK\x01\x02", "PK\x05\x06", Buffer.from([0xff, 0xff, 0xff, 0xff])],
    inputs: 250,
    run: (input) =>
      inCage(async (folder) => {
        mkdirSync(folder);
        const archive = `${folder}.zip`;
        writeFileSync(archive, input);
        try {
          await unpackZip(archive, folder, new AbortController().signal);
        } finally {
          rmSync(archive);
        }
      }),
  },
  {
    name: "multipart",
    maxBytes: 2048,
    inputs: 200,
    seeds: [
      '--b\r\nContent-Type: application/json\r\n\r\n{"name":"o"}\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--',
      "--b\n\n{}\n--b\n\nx\n--b--\n",
    ],
    words: ["--b", "--b--", "\r\n", "\n", "Content-Type: ", ":", "\r\n\r\n", "--"],
    async run(input) {
      const [whole, bytes] = [await multipart(input, input.length + 1), await multipart(input, 1)];
      assert.deepEqual(bytes, whole, "the pieces in which a body arrives change what it is");
    },
  },
];

async function multipart(input: Buffer, size: number) {
  try {
    const { metadata, contentType, content } = await readMultipart(
      "multipart/related; boundary=b",
      inPieces(input, size),
    );
    return { metadata, contentType, content: Buffer.concat(await Array.fromAsync(content)).toString("latin1") };
  } catch (error) {
    // Faults of the parser are no answers to a client.
    if (error instanceof TypeError || error instanceof RangeError || !(error instanceof Error)) throw error;
    return { refused: error.message };
  }
}
