import { readSync, writeSync } from "node:fs";
import type { ClientRequest } from "node:http";
import { randomIds } from "../../../platform/ids.ts";
import { FsError } from "../fuse/file-system.ts";
import { StorageError, type StorageHttp, type StorageObject } from "./storage-client.ts";

const COPY_BYTES = 1024 * 1024;
/** Fields of an object that outlive a change of its content, as Cloud Storage FUSE keeps them. */
const KEPT_FIELDS = [
  "contentType",
  "contentEncoding",
  "contentDisposition",
  "contentLanguage",
  "cacheControl",
] as const;

export interface ListQuery {
  readonly prefix: string;
  readonly delimiter?: string;
  readonly pageToken?: string;
  readonly maxResults?: number;
}

export interface ListAnswer {
  readonly items?: readonly StorageObject[];
  readonly prefixes?: readonly string[];
  readonly nextPageToken?: string;
}

export interface NewObject {
  readonly name: string;
  /** Whose content type and the like are kept, if it replaces one. */
  readonly like?: StorageObject | undefined;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the content is read from; undefined: it is empty. */
  readonly content?: { readonly fd: number; readonly size: number };
  /** Fails with EEXIST when there is one already. */
  readonly mustBeNew?: boolean;
}

/** The objects of one bucket. Names that do not exist are ENOENT, or undefined where that is an answer. */
export interface Objects {
  get(name: string): Promise<StorageObject | undefined>;
  list(query: ListQuery): Promise<ListAnswer>;
  /** Bytes of one generation; ESTALE when it was replaced or deleted. */
  read(object: StorageObject, start: number, length: number): Promise<Buffer>;
  /** Writes a generation's content into an empty file. */
  download(object: StorageObject, fd: number): Promise<void>;
  insert(object: NewObject): Promise<StorageObject>;
  patchMetadata(name: string, metadata: Readonly<Record<string, string>>): Promise<StorageObject>;
  copy(from: string, to: string): Promise<StorageObject>;
  remove(name: string): Promise<void>;
}

export function bucketObjects(http: StorageHttp, bucket: string): Objects {
  const base = `/storage/v1/b/${encodeURIComponent(bucket)}/o`;
  const pathOf = (name: string) => `${base}/${encodeURIComponent(name)}`;
  const media = (object: StorageObject, headers: Record<string, string> = {}) =>
    http.open({ path: `${pathOf(object.name)}?alt=media&generation=${object.generation}`, headers }).catch(stale);

  return {
    get: (name) => http.json<StorageObject>({ path: pathOf(name) }).catch(absent),
    list(query) {
      const parameters = new URLSearchParams({ prefix: query.prefix });
      if (query.delimiter !== undefined) parameters.set("delimiter", query.delimiter);
      if (query.delimiter !== undefined) parameters.set("includeTrailingDelimiter", "true");
      if (query.pageToken !== undefined) parameters.set("pageToken", query.pageToken);
      if (query.maxResults !== undefined) parameters.set("maxResults", String(query.maxResults));
      return http.json({ path: `${base}?${parameters.toString()}` });
    },
    async read(object, start, length) {
      const response = await media(object, { range: `bytes=${start}-${start + length - 1}` });
      const content = Buffer.allocUnsafe(length);
      let filled = 0;
      for await (const chunk of response as AsyncIterable<Buffer>) filled += chunk.copy(content, filled);
      if (filled < length) throw new FsError("EIO", `the content of ${object.name} ended early`);
      return content;
    },
    async download(object, fd) {
      let at = 0;
      for await (const chunk of (await media(object)) as AsyncIterable<Buffer>)
        at += writeSync(fd, chunk, 0, chunk.length, at);
      if (at !== Number(object.size)) throw new FsError("EIO", `the content of ${object.name} ended early`);
    },
    insert: (object) => insert(http, `/upload${base}`, object),
    patchMetadata(name, metadata) {
      const body = JSON.stringify({ metadata });
      return http.json({
        method: "PATCH",
        path: pathOf(name),
        headers: JSON_BODY,
        send: async (to) => void to.end(body),
      });
    },
    async copy(from, to) {
      const path = `${pathOf(from)}/copyTo/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(to)}`;
      return http.json({ method: "POST", path, headers: JSON_BODY, send: async (request) => void request.end("{}") });
    },
    remove: (name) => http.json({ method: "DELETE", path: pathOf(name) }),
  };
}

const JSON_BODY = { "content-type": "application/json" };

/** A multipart upload in one request; the content is streamed from its file. */
async function insert(http: StorageHttp, path: string, object: NewObject): Promise<StorageObject> {
  const { name, like, metadata, content, mustBeNew = false } = object;
  const kept = Object.fromEntries(
    KEPT_FIELDS.flatMap((field) => (like?.[field] === undefined ? [] : [[field, like[field]]])),
  );
  const resource = { name, contentType: object.contentType, ...kept, metadata: { ...like?.metadata, ...metadata } };
  const boundary = `homerun-${randomIds.text(32)}`;
  const head = `--${boundary}\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(resource)}\r\n--${boundary}\r\nContent-Type: ${resource.contentType}\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  const size = content?.size ?? 0;
  const request = {
    method: "POST",
    path: `${path}?uploadType=multipart${mustBeNew ? "&ifGenerationMatch=0" : ""}`,
    headers: {
      "content-type": `multipart/related; boundary=${boundary}`,
      "content-length": String(Buffer.byteLength(head) + size + tail.length),
    },
    send: async (to: ClientRequest) => {
      to.write(head);
      if (content !== undefined) await sendFile(to, content.fd, size);
      to.end(tail);
    },
  };
  return http.json<StorageObject>(request).catch((error: unknown) => {
    if (mustBeNew && error instanceof StorageError && error.status === 412) throw new FsError("EEXIST");
    throw error;
  });
}

async function sendFile(to: ClientRequest, fd: number, size: number): Promise<void> {
  for (let at = 0; at < size;) {
    const chunk = Buffer.allocUnsafe(Math.min(COPY_BYTES, size - at));
    const length = readSync(fd, chunk, 0, chunk.length, at);
    if (length === 0) throw new FsError("EIO", "what was written is gone");
    at += length;
    if (!to.write(chunk.subarray(0, length))) await drained(to);
    if (to.destroyed) return;
  }
}

/** Resolves when a request takes more, or will take nothing any more. */
function drained(to: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      to.off("drain", done).off("close", done);
      resolve();
    };
    to.on("drain", done).on("close", done);
  });
}

function absent(error: unknown): undefined {
  if (error instanceof StorageError && error.status === 404) return undefined;
  throw error;
}

function stale(error: unknown): never {
  if (error instanceof StorageError && error.status === 404) throw new FsError("ESTALE");
  throw error;
}
