import type { Artifacts_ArtifactObjects as ArtifactObjects } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { ApiError } from "../../../wire/errors.ts";
import type { Client } from "../../../wire/in-process/client.ts";
import { type Artifact, ArtifactError, findArtifacts } from "./find-artifacts.ts";
import { uploadFile } from "./upload-file.ts";

export interface ArtifactUpload {
  /** Acts as the build's service account. */
  readonly storage: Client<typeof Storage>;
  readonly workspace: string;
  readonly buildId: string;
  readonly objects: ArtifactObjects;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface UploadedArtifacts {
  /** gs://BUCKET/PATH/artifacts-BUILD_ID.json */
  readonly manifest: string;
  readonly count: number;
}

/** Hash.HashType.MD5, as the manifest writes it. */
const MD5 = 2;

/**
 * Uploads what the globs match, and a manifest with a line of JSON for each object. Rejects with an ArtifactError when a
 * glob matches nothing or Cloud Storage refuses. Google: cloud.google.com/build/docs/building/store-artifacts-in-cloud-storage.
 */
export async function uploadArtifacts(upload: ArtifactUpload): Promise<UploadedArtifacts> {
  const { objects, onLine, buildId } = upload;
  const location = objects.location.replace(/\/*$/, "/");
  const [, bucket = "", prefix = ""] = /^gs:\/\/([^/]+)\/(.*)$/.exec(location) ?? [];
  onLine(`Artifacts will be uploaded to ${location}`);
  const lines: string[] = [];
  for (const path of objects.paths) {
    const artifacts = await findArtifacts(upload.workspace, path);
    onLine(`${path}: Uploading path....`);
    for (const artifact of artifacts) lines.push(await uploadOne(upload, bucket, prefix, artifact));
    onLine(`${path}: ${artifacts.length} matching files uploaded`);
  }
  onLine(`${lines.length} total artifacts uploaded to ${location}`);
  const name = `artifacts-${buildId}.json`;
  onLine(`Uploading manifest ${name}`);
  const content = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  await put(upload, { bucket, object: `${prefix}${name}`, contentType: "application/json", content });
  onLine(`Artifact manifest located at ${location}${name}`);
  return { manifest: `${location}${name}`, count: lines.length };
}

/** Resolves with the object's line of the manifest: an ArtifactResult whose hash is the text of the MD5 sum in base 64. */
async function uploadOne(
  upload: ArtifactUpload,
  bucket: string,
  prefix: string,
  { file, name }: Artifact,
): Promise<string> {
  const object = `${prefix}${name}`;
  const written = await put(upload, { bucket, object, contentType: "application/octet-stream", content: { file } });
  const md5 = Buffer.from(written?.checksums?.md5Hash ?? []).toString("hex");
  const value = Buffer.from(md5).toString("base64");
  return JSON.stringify({
    location: `gs://${bucket}/${object}#${written?.generation ?? 0n}`,
    file_hash: [{ file_hash: [{ type: MD5, value }] }],
  });
}

async function put({ storage, signal }: ArtifactUpload, object: Parameters<typeof uploadFile>[1]) {
  signal.throwIfAborted();
  try {
    return await uploadFile(storage, object);
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause;
    throw new ArtifactError(`could not upload gs://${object.bucket}/${object.object}: ${cause.message}`, { cause });
  }
}
