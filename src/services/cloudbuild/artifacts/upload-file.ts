import { open } from "node:fs/promises";
import type { Object$ as StorageObject, Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import type { Client } from "../../../wire/in-process/client.ts";

/** Largest content of one write message, bytes (google.storage.v2.ServiceConstants.MAX_WRITE_CHUNK_BYTES). */
const CHUNK_BYTES = 2 * 1024 ** 2;

export interface Upload {
  readonly bucket: string;
  readonly object: string;
  readonly contentType: string;
  /** A file that nobody changes meanwhile, or the content itself. */
  readonly content: { readonly file: string } | Buffer;
}

/** Writes an object, replacing one of the same name; a file is read piece by piece. Resolves with what was written. */
export async function uploadFile(storage: Client<typeof Storage>, upload: Upload): Promise<StorageObject | undefined> {
  const { writeStatus } = await storage.writeObject(writeMessages(upload));
  return writeStatus.case === "resource" ? writeStatus.value : undefined;
}

async function* writeMessages({ bucket, object, contentType, content }: Upload) {
  const resource = { bucket: `projects/_/buckets/${bucket}`, name: object, contentType };
  const firstMessage = { case: "writeObjectSpec", value: { resource } } as const;
  let offset = 0;
  for await (const { part, isLast } of partsOf(content)) {
    yield {
      ...(offset === 0 && { firstMessage }),
      writeOffset: BigInt(offset),
      data: { case: "checksummedData", value: { content: part } } as const,
      finishWrite: isLast,
    };
    offset += part.length;
  }
}

/** At least one part; the last one may be empty. */
async function* partsOf(content: Upload["content"]): AsyncGenerator<{ part: Buffer; isLast: boolean }> {
  if (!("file" in content)) {
    let start = 0;
    do {
      const part = content.subarray(start, start + CHUNK_BYTES);
      start += part.length;
      yield { part, isLast: start === content.length };
    } while (start < content.length);
    return;
  }
  await using file = await open(content.file, "r");
  for (;;) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES);
    yield { part: buffer.subarray(0, bytesRead), isLast: bytesRead < CHUNK_BYTES };
    if (bytesRead < CHUNK_BYTES) return;
  }
}
