import { appendFile } from "node:fs/promises";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import type { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import type { Clock } from "../../../platform/clock.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { Client } from "../../../wire/in-process/client.ts";
import { type Upload, uploadFile } from "../artifacts/upload-file.ts";
import type { LogSink } from "./build-log.ts";

/** A log is written again at most once per second and MiB that it has, so that long logs do not write themselves over and over. */
const MS_PER_MIB = 1000;

export interface LogObjectDeps {
  readonly storage: Client<typeof Storage>;
  readonly clock: Clock;
  readonly project: string;
  readonly location: string;
  /** A new file of the build's own; the log grows there, so that it takes no memory. */
  readonly file: string;
  /** Whether the object grows while the build runs. */
  readonly isStreaming: boolean;
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
  let bytes = 0;
  let nextWriteMs = 0;
  return {
    async write(lines, isLast) {
      const added = Buffer.from(lines.map(({ text }) => `${text}\n`).join(""));
      await appendFile(deps.file, added);
      bytes += added.length;
      if (!isLast && (!deps.isStreaming || deps.clock.nowMs() < nextWriteMs)) return;
      nextWriteMs = deps.clock.nowMs() + (bytes / 1024 ** 2) * MS_PER_MIB;
      await replaceObject(deps, { bucket, object, contentType: "text/plain", content: { file: deps.file } });
    },
  };
}

async function replaceObject(deps: LogObjectDeps, upload: Upload): Promise<void> {
  try {
    await uploadFile(deps.storage, upload);
  } catch (error) {
    if (!isCode(error, Code.NOT_FOUND)) throw error;
    await ensureBucket(deps, upload.bucket);
    await uploadFile(deps.storage, upload);
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

function isCode(error: unknown, code: Code): boolean {
  return error instanceof ApiError && error.code === code;
}
