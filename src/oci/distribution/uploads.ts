import { Readable } from "node:stream";
import { parseDigest } from "../digest.ts";
import { isRepositoryName } from "../reference.ts";
import { digestInvalid, nameInvalid, RegistryError, sizeInvalid, unsupported, uploadUnknown } from "./errors.ts";
import type { RegistryCall } from "./call.ts";

/** POST /v2/NAME/blobs/uploads/: a mount, a whole blob in one request, or the start of an upload. */
export async function startUpload(call: RegistryCall, repository: string): Promise<Response> {
  if (call.request.method !== "POST") throw unsupported(call.request.method);
  const { searchParams } = call.url;
  if (searchParams.has("mount") && (await mount(call, repository))) {
    return created(repository, searchParams.get("mount")!);
  }
  if (searchParams.has("digest")) {
    const digest = requireDigest(call);
    if (!(await call.storage.putBlob(repository, digest, body(call.request)))) throw mismatch(digest);
    return created(repository, digest);
  }
  const id = call.ids.uuid();
  await call.storage.createUpload(repository, id);
  return progress(202, repository, id, 0);
}

/** GET, PATCH, PUT and DELETE of /v2/NAME/blobs/uploads/ID. */
export async function handleUpload(call: RegistryCall, repository: string, id: string): Promise<Response> {
  const size = await call.storage.uploadSize(repository, id);
  if (size === undefined) throw uploadUnknown(id);
  switch (call.request.method) {
    case "GET":
    case "HEAD":
      return progress(204, repository, id, size);
    case "PATCH":
      return progress(202, repository, id, await append(call, repository, id, size));
    case "PUT":
      return finish(call, repository, id, size);
    case "DELETE":
      await call.storage.deleteUpload(repository, id);
      return new Response(null, { status: 204 });
    default:
      throw unsupported(call.request.method);
  }
}

async function mount(call: RegistryCall, repository: string): Promise<boolean> {
  const digest = call.url.searchParams.get("mount")!;
  const from = call.url.searchParams.get("from");
  if (!parseDigest(digest)) throw digestInvalid(`invalid or unsupported digest: ${digest}`);
  // Without a source repository nothing says that the caller may read the blob: an ordinary upload follows.
  if (from === null) return false;
  if (!isRepositoryName(from)) throw nameInvalid(from);
  try {
    await call.authorize("pull", from);
  } catch (error) {
    if (error instanceof RegistryError) return false;
    throw error;
  }
  return call.storage.mountBlob(from, digest, repository);
}

async function finish(call: RegistryCall, repository: string, id: string, size: number): Promise<Response> {
  const digest = requireDigest(call);
  if (size === 0 && !call.request.headers.has("content-range")) {
    // Everything comes with this request: no need to store it as an upload first.
    const stored = await call.storage.putBlob(repository, digest, body(call.request));
    if (stored) await call.storage.deleteUpload(repository, id);
    if (!stored) throw mismatch(digest);
    return created(repository, digest);
  }
  await append(call, repository, id, size);
  if (!(await call.storage.commitUpload(repository, id, digest))) throw mismatch(digest);
  return created(repository, digest);
}

async function append(call: RegistryCall, repository: string, id: string, size: number): Promise<number> {
  const range = parseContentRange(call.request);
  if (range && range.start !== size) {
    throw new RegistryError(416, "BLOB_UPLOAD_INVALID", `the upload continues at byte ${size}`, {
      ...progressHeaders(repository, id, size),
    });
  }
  const length = call.request.headers.get("content-length");
  if (range && length !== null && Number(length) !== range.end - range.start + 1) {
    throw sizeInvalid("content-length and content-range differ");
  }
  if (!call.request.body) return size;
  return call.storage.appendUpload(repository, id, size, body(call.request));
}

function parseContentRange(request: Request): { start: number; end: number } | undefined {
  const header = request.headers.get("content-range");
  if (header === null) return undefined;
  const match = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/.exec(header);
  if (!match || Number(match[2]) < Number(match[1])) throw sizeInvalid(`invalid content-range: ${header}`);
  return { start: Number(match[1]), end: Number(match[2]) };
}

function requireDigest(call: RegistryCall): string {
  const digest = call.url.searchParams.get("digest") ?? "";
  if (!parseDigest(digest)) throw digestInvalid(`invalid or unsupported digest: ${digest}`);
  return digest;
}

function mismatch(digest: string): RegistryError {
  return digestInvalid(`provided digest did not match uploaded content: ${digest}`);
}

function created(repository: string, digest: string): Response {
  const headers = {
    location: `/v2/${repository}/blobs/${digest}`,
    "docker-content-digest": digest,
    "content-length": "0",
  };
  return new Response(null, { status: 201, headers });
}

function progress(status: number, repository: string, id: string, size: number): Response {
  return new Response(null, { status, headers: progressHeaders(repository, id, size) });
}

function progressHeaders(repository: string, id: string, size: number): Record<string, string> {
  return {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, size - 1)}`,
    "docker-upload-uuid": id,
    "content-length": "0",
  };
}

function body(request: Request): AsyncIterable<Uint8Array> {
  return request.body ? Readable.fromWeb(request.body) : Readable.from([]);
}
