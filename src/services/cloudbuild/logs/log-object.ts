import { Code } from "../../../gen/google/rpc/code_pb.js";
import type { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import type { Clock } from "../../../platform/clock.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { Client } from "../../../wire/in-process/client.ts";
import type { LogSink } from "./build-log.ts";

/** Largest content of one write message, bytes (google.storage.v2.ServiceConstants.MAX_WRITE_CHUNK_BYTES). */
const CHUNK_BYTES = 2 * 1024 ** 2;
/** A log is written again at most once per second and MiB that it has, so that long logs do not write themselves over and over. */
const MS_PER_MIB = 1000;

export interface LogObjectDeps {
  readonly storage: Client<typeof Storage>;
  readonly clock: Clock;
  readonly project: string;
  readonly location: string;
}

/**
 * Keeps a build's log as an object: each write replaces it by a longer one, so that a ranged GET sees it grow.
 * Makes the bucket if it is not there. `destination` is "gs://BUCKET" or "gs://BUCKET/FOLDER".
 */
export function logObjectSink(deps: LogObjectDeps, destination: string, buildId: string): LogSink {
  const [bucket = "", ...folders] = destination
    .replace(/^gs:\/\//, "")
    .replace(/\/$/, "")
    .split("/");
  const object = [...folders, `log-${buildId}.txt`].join("/");
  const chunks: Buffer[] = [];
  let nextWriteMs = 0;
  return {
    async write(lines, isLast) {
      chunks.push(Buffer.from(lines.map(({ text }) => `${text}\n`).join("")));
      if (!isLast && deps.clock.nowMs() < nextWriteMs) return;
      const content = Buffer.concat(chunks);
      chunks.splice(0, chunks.length, content);
      nextWriteMs = deps.clock.nowMs() + (content.length / 1024 ** 2) * MS_PER_MIB;
      await replaceObject(deps, bucket, object, content);
    },
  };
}

async function replaceObject(deps: LogObjectDeps, bucket: string, object: string, content: Buffer): Promise<void> {
  const write = () => deps.storage.writeObject(writeMessages(bucket, object, content));
  try {
    await write();
  } catch (error) {
    if (!isCode(error, Code.NOT_FOUND)) throw error;
    await ensureBucket(deps, bucket);
    await write();
  }
}

async function ensureBucket({ storage, project, location }: LogObjectDeps, bucketId: string): Promise<void> {
  const bucket = { project: `projects/${project}`, location: location === "global" ? "US" : location.toUpperCase() };
  try {
    await storage.createBucket({ parent: "projects/_", bucketId, bucket });
  } catch (error) {
    if (!isCode(error, Code.ALREADY_EXISTS)) throw error;
  }
}

async function* writeMessages(bucket: string, name: string, content: Buffer) {
  const resource = { bucket: `projects/_/buckets/${bucket}`, name, contentType: "text/plain" };
  const spec = { case: "writeObjectSpec", value: { resource } } as const;
  let offset = 0;
  do {
    const part = content.subarray(offset, offset + CHUNK_BYTES);
    const end = offset + part.length;
    yield {
      ...(offset === 0 && { firstMessage: spec }),
      writeOffset: BigInt(offset),
      data: { case: "checksummedData", value: { content: part } } as const,
      finishWrite: end === content.length,
    };
    offset = end;
  } while (offset < content.length);
}

function isCode(error: unknown, code: Code): boolean {
  return error instanceof ApiError && error.code === code;
}
