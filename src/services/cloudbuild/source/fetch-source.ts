import { createWriteStream } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { StorageSource } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import type { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { ApiError } from "../../../wire/errors.ts";
import type { Client } from "../../../wire/in-process/client.ts";
import { MAX_ARCHIVE_BYTES } from "../limits.ts";
import { UnpackError } from "./unpack-error.ts";
import { unpackTar } from "./unpack-tar.ts";
import { unpackZip } from "./unpack-zip.ts";

/** A source that could not be had or unpacked, by the user's fault; the message is Google's. */
export class FetchSourceError extends Error {
  override name = "FetchSourceError";
}

/**
 * Fetches an archive from Cloud Storage and unpacks it into `folder`/source. Resolves with that folder and the generation
 * that was read; rejects with a FetchSourceError when the object or the archive is at fault.
 */
export async function fetchSource(
  storage: Client<typeof Storage>,
  source: StorageSource,
  folder: string,
  signal: AbortSignal,
): Promise<{ sourceFolder: string; generation: bigint }> {
  const url = urlOf(source, source.generation);
  try {
    const archive = join(folder, "archive");
    const generation = await download(storage, source, archive, signal);
    const sourceFolder = join(folder, "source");
    await mkdir(sourceFolder, { mode: 0o755 });
    await unpack(archive, sourceFolder, signal);
    return { sourceFolder, generation };
  } catch (error) {
    if (error instanceof UnpackError)
      throw new FetchSourceError(`opening archive ${url}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** gs://BUCKET/OBJECT#GENERATION, without the generation when it is not known. */
export function urlOf(source: Pick<StorageSource, "bucket" | "object">, generation: bigint): string {
  return `gs://${source.bucket}/${source.object}${generation === 0n ? "" : `#${generation}`}`;
}

async function download(
  storage: Client<typeof Storage>,
  { bucket, object, generation }: StorageSource,
  archive: string,
  signal: AbortSignal,
): Promise<bigint> {
  let resolved = generation;
  const request = { bucket: `projects/_/buckets/${bucket}`, object, generation };
  async function* contents() {
    let bytes = 0;
    for await (const { metadata, checksummedData } of storage.readObject(request)) {
      if (metadata) resolved = metadata.generation;
      const content = checksummedData?.content ?? new Uint8Array();
      bytes += content.length;
      if (bytes > MAX_ARCHIVE_BYTES) throw new UnpackError(`the archive is larger than ${MAX_ARCHIVE_BYTES} bytes`);
      yield content;
    }
  }
  try {
    await pipeline(contents, createWriteStream(archive, { flags: "wx", mode: 0o600 }), { signal });
  } catch (error) {
    throw isClientError(error) ? notReadable(urlOf({ bucket, object }, generation), error) : error;
  }
  return resolved;
}

async function unpack(archive: string, folder: string, signal: AbortSignal): Promise<void> {
  await using file = await open(archive, "r");
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
  await (buffer[0] === 0x1f && buffer[1] === 0x8b ? unpackTar : unpackZip)(archive, folder, signal);
}

function isClientError(error: unknown): error is ApiError {
  const codes = [Code.NOT_FOUND, Code.PERMISSION_DENIED, Code.INVALID_ARGUMENT, Code.FAILED_PRECONDITION];
  return error instanceof ApiError && codes.includes(error.code);
}

function notReadable(url: string, cause: ApiError): FetchSourceError {
  const reason = cause.code === Code.NOT_FOUND ? "storage: object doesn't exist" : cause.message;
  return new FetchSourceError(`creating GCS reader for "${url}": ${reason}`, { cause });
}
