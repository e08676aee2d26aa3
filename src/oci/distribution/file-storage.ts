import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, truncate } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Ids } from "../../platform/ids.ts";
import { DigestMismatchError, verifyDigest } from "../digest.ts";
import type { RegistryStorage, StoredManifest } from "./storage.ts";

export interface FileStorageDeps {
  /** Holds everything; made when missing. Belongs to one process at a time. */
  readonly folder: string;
  readonly ids: Ids;
}

/** A registry storage of plain files: content by digest, and a small file for whatever a repository knows. */
export function createFileStorage(deps: FileStorageDeps): RegistryStorage {
  const files = createFiles(deps);
  return { ...blobMethods(files), ...uploadMethods(files), ...manifestMethods(files), ...tagMethods(files) };
}

interface Files {
  /** The content of a blob, shared by all repositories. */
  content(digest: string): string;
  /** The file that says that a repository has something: kind "blobs", "uploads", "manifests" or "tags". */
  record(repository: string, kind: string, name: string): string;
  /** Names of one kind in byte order. */
  names(repository: string, kind: string): Promise<string[]>;
  /** Writes a file whole or not at all; false when the check fails while the content passes. */
  write(path: string, content: AsyncIterable<Uint8Array>): Promise<boolean>;
}

type BlobMethods = Pick<
  RegistryStorage,
  "repositoryExists" | "blobSize" | "openBlob" | "putBlob" | "mountBlob" | "deleteBlob"
>;
type UploadMethods = Pick<
  RegistryStorage,
  "createUpload" | "uploadSize" | "appendUpload" | "commitUpload" | "deleteUpload"
>;
type ManifestMethods = Pick<RegistryStorage, "putManifest" | "getManifest" | "deleteManifest" | "listReferrers">;
type TagMethods = Pick<RegistryStorage, "resolveTag" | "listTags" | "deleteTag">;

function createFiles({ folder, ids }: FileStorageDeps): Files {
  const kindFolder = (repository: string, kind: string): string =>
    // A repository name holds no "+", so names stay apart.
    join(folder, "repositories", repository.replaceAll("/", "+"), kind);
  return {
    content: (digest) => join(folder, "content", fileName(digest)),
    record: (repository, kind, name) => join(kindFolder(repository, kind), fileName(name)),
    async names(repository, kind) {
      const names = await readdir(kindFolder(repository, kind)).catch(() => []);
      return names.filter((name) => !name.startsWith("+")).sort((a, b) => (a < b ? -1 : 1));
    },
    async write(path, content) {
      const temporary = join(dirname(path), `+${ids.uuid()}`);
      await mkdir(dirname(path), { recursive: true });
      try {
        await pipeline(content, createWriteStream(temporary));
        await rename(temporary, path);
        return true;
      } catch (error) {
        await rm(temporary, { force: true });
        if (error instanceof DigestMismatchError) return false;
        throw error;
      }
    },
  };
}

function blobMethods(files: Files): BlobMethods {
  const { content, record, write } = files;
  const link = (repository: string, digest: string) => write(record(repository, "blobs", digest), bytes(""));
  return {
    async repositoryExists(repository) {
      const found = await Promise.all(["blobs", "manifests"].map((kind) => files.names(repository, kind)));
      return found.flat().length > 0;
    },
    async blobSize(repository, digest) {
      return (await exists(record(repository, "blobs", digest))) ? (await stat(content(digest))).size : undefined;
    },
    openBlob: async (_repository, digest, range) => createReadStream(content(digest), range ?? {}),
    async putBlob(repository, digest, chunks) {
      return (await write(content(digest), verifyDigest(chunks, digest))) && link(repository, digest);
    },
    async mountBlob(from, digest, to) {
      return (await exists(record(from, "blobs", digest))) && link(to, digest);
    },
    deleteBlob: (repository, digest) => remove(record(repository, "blobs", digest)),
  };
}

function uploadMethods(files: Files): UploadMethods {
  const path = (repository: string, id: string): string => files.record(repository, "uploads", id);
  const size = async (file: string): Promise<number> => (await stat(file)).size;
  return {
    async createUpload(repository, id) {
      await files.write(path(repository, id), bytes(""));
    },
    async uploadSize(repository, id) {
      return (await exists(path(repository, id))) ? size(path(repository, id)) : undefined;
    },
    async appendUpload(repository, id, offset, content) {
      await truncate(path(repository, id), offset);
      await pipeline(content, createWriteStream(path(repository, id), { flags: "a" }));
      return size(path(repository, id));
    },
    async commitUpload(repository, id, digest) {
      const upload = createReadStream(path(repository, id));
      const stored = await files.write(files.content(digest), verifyDigest(upload, digest));
      if (stored) await files.write(files.record(repository, "blobs", digest), bytes(""));
      await remove(path(repository, id));
      return stored;
    },
    deleteUpload: (repository, id) => remove(path(repository, id)),
  };
}

function manifestMethods(files: Files): ManifestMethods {
  const { record } = files;
  const read = async (repository: string, digest: string): Promise<StoredManifest | undefined> => {
    const text = await readText(record(repository, "manifests", digest));
    if (text === undefined) return undefined;
    const { content, ...rest } = JSON.parse(text) as StoredManifest & { content: string };
    return { ...rest, content: Buffer.from(content, "base64") };
  };
  return {
    async putManifest(repository, manifest, tags) {
      const content = Buffer.from(manifest.content).toString("base64");
      const json = JSON.stringify({ ...manifest, content });
      await files.write(record(repository, "manifests", manifest.digest), bytes(json));
      for (const tag of tags) await files.write(record(repository, "tags", tag), bytes(manifest.digest));
    },
    getManifest: read,
    async deleteManifest(repository, digest) {
      for (const tag of await files.names(repository, "tags")) {
        const path = record(repository, "tags", tag);
        if ((await readText(path)) === digest) await remove(path);
      }
      return remove(record(repository, "manifests", digest));
    },
    async listReferrers(repository, digest) {
      const names = await files.names(repository, "manifests");
      const all = await Promise.all(names.map((name) => read(repository, name.replace("-", ":"))));
      return all.filter((manifest) => manifest !== undefined && manifest.subject === digest) as StoredManifest[];
    },
  };
}

function tagMethods(files: Files): TagMethods {
  return {
    resolveTag: (repository, tag) => readText(files.record(repository, "tags", tag)),
    async listTags(repository, { after, limit }) {
      const names = await files.names(repository, "tags");
      return names.filter((name) => after === undefined || name > after).slice(0, limit);
    },
    deleteTag: (repository, tag) => remove(files.record(repository, "tags", tag)),
  };
}

function fileName(name: string): string {
  return name.replace(":", "-");
}

function bytes(text: string): Readable {
  return Readable.from([Buffer.from(text)]);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function remove(path: string): Promise<boolean> {
  const there = await exists(path);
  await rm(path, { force: true });
  return there;
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}
