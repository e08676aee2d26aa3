import type { Object$ } from "../../../gen/google/storage/v2/storage_pb.js";
import type { ServiceDeps } from "../../../wire/service-deps.ts";
import { createContentHash, type ExpectedChecksums, hashStored } from "../content/content-hash.ts";
import type { ContentStore } from "../../../platform/blobs/content-store.ts";
import { invalidValue, uploadNotFound } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { checkLength } from "../objects/length-range.ts";
import type { ObjectReader } from "../objects/read.ts";
import type { ObjectWriter } from "../objects/write.ts";
import { createKeyedLock } from "../../../platform/keyed-lock.ts";
import type { UploadRow, UploadStore } from "./store.ts";
import { formatUploadSpec, parseUploadSpec, type UploadSpec } from "./upload-spec.ts";

/** Kind of the wake-ups that end upload sessions. */
export const UPLOAD_WAKEUP = "storage.upload";

export interface UploadsDeps extends Pick<ServiceDeps, "store" | "wakeups" | "clock" | "ids"> {
  readonly uploadStore: UploadStore;
  readonly contentStore: ContentStore;
  readonly reader: ObjectReader;
  readonly writer: ObjectWriter;
}

/** How far an upload is: so many bytes are durable, or it has become an object. */
export type UploadStatus = { readonly persistedSize: number } | { readonly object: Object$ };

export interface Chunk {
  /** Place of the first byte in the whole. */
  readonly offset: number;
  readonly content: AsyncIterable<Uint8Array>;
  /** Size of the whole, if known; the upload finishes when it is reached. */
  readonly totalSize?: number | undefined;
  /** The whole ends with this chunk. */
  readonly last?: boolean;
  readonly checksums?: ExpectedChecksums;
}

/** Resumable upload sessions, which outlive a restart and end after a week. */
export interface Uploads {
  /** Resolves with the id of a new session. */
  start(spec: UploadSpec): Promise<string>;
  status(id: string): Promise<UploadStatus>;
  /** Takes a chunk; bytes that are durable already are skipped. */
  append(id: string, chunk: Chunk): Promise<UploadStatus>;
  /** Ends a session; false when there is none. */
  cancel(id: string): Promise<boolean>;
}

export function createUploads(deps: UploadsDeps): Uploads {
  const { store, wakeups, clock, ids, uploadStore, contentStore, writer } = deps;
  const alone = createKeyedLock();
  return {
    async start(spec) {
      await writer.check(spec);
      checkLength(spec.lengthRange, spec.sizeBytes);
      const id = ids.uuid();
      const createTimeMs = clock.nowMs();
      await store.transact(async (transaction) => {
        const row = { id, bucket: spec.bucket, content: ids.uuid(), spec: formatUploadSpec(spec), createTimeMs };
        await uploadStore.insert(transaction, row);
        await wakeups.wake(transaction, UPLOAD_WAKEUP, id, createTimeMs + LIMITS.uploadSessionMs);
      });
      return id;
    },
    status: async (id) => statusOf(deps, await existing(uploadStore, id)),
    append: (id, chunk) => alone(id, async () => append(deps, await existing(uploadStore, id), chunk)),
    cancel: (id) =>
      alone(id, () =>
        store.transact(async (transaction) => {
          const row = await uploadStore.delete(transaction, id);
          if (row) await contentStore.release(transaction, row.content);
          return row !== undefined;
        }),
      ),
  };
}

async function existing(uploadStore: UploadStore, id: string): Promise<UploadRow> {
  const row = await uploadStore.get(id);
  if (!row) throw uploadNotFound();
  return row;
}

async function statusOf({ reader, contentStore }: UploadsDeps, row: UploadRow): Promise<UploadStatus> {
  if (row.result === undefined) return { persistedSize: await contentStore.sizeOf(row.content) };
  const { bucket, resource } = parseUploadSpec(row.spec);
  return { object: (await reader.get(bucket, resource.name, row.result)).object };
}

async function append(deps: UploadsDeps, row: UploadRow, chunk: Chunk): Promise<UploadStatus> {
  if (row.result !== undefined) return statusOf(deps, row);
  const spec = parseUploadSpec(row.spec);
  const persisted = await deps.contentStore.sizeOf(row.content);
  if (chunk.offset > persisted) throw offsetTooLarge(chunk.offset, persisted);
  const hash = createContentHash();
  const content = bounded(skip(chunk.content, persisted - chunk.offset), maxSize(spec, chunk) - persisted);
  const size = await deps.contentStore.append(row.content, persisted, hash.through(content));
  const total = chunk.totalSize ?? spec.sizeBytes;
  if (!chunk.last && size !== total) return { persistedSize: size };
  if (total !== undefined && size !== total) throw sizeDiffers(total, size);
  checkLength(spec.lengthRange, size);
  // The hash has seen everything when this chunk was the only one.
  const digest = persisted === 0 ? hash.digest() : await hashStored(deps.contentStore, row.content);
  const checksums = { ...spec.checksums, ...chunk.checksums };
  const object = await deps.writer.commit(
    { ...spec, checksums },
    { content: row.content, ...digest },
    (transaction, written) => deps.uploadStore.finish(transaction, row.id, written.generation),
  );
  return { object };
}

function maxSize(spec: UploadSpec, chunk: Chunk): number {
  return Math.min(chunk.totalSize ?? spec.sizeBytes ?? LIMITS.objectBytes, spec.lengthRange?.max ?? LIMITS.objectBytes);
}

async function* skip(content: AsyncIterable<Uint8Array>, bytes: number): AsyncIterable<Uint8Array> {
  let left = bytes;
  for await (const chunk of content) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

async function* bounded(content: AsyncIterable<Uint8Array>, bytes: number): AsyncIterable<Uint8Array> {
  let left = bytes;
  for await (const chunk of content) {
    left -= chunk.length;
    if (left < 0) throw invalidValue("The content is longer than the size that was announced or is allowed.");
    yield chunk;
  }
}

function offsetTooLarge(offset: number, persisted: number) {
  return invalidValue(
    `Invalid request. According to the Content-Range header, the upload offset is ${offset} byte(s), which exceeds already uploaded size of ${persisted} byte(s).`,
  );
}

function sizeDiffers(announced: number, received: number) {
  return invalidValue(
    `Invalid request. The announced size is ${announced} byte(s), but ${received} byte(s) were received.`,
  );
}
