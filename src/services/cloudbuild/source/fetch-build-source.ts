import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { create } from "@bufbuild/protobuf";
import {
  type Build,
  FileHashesSchema,
  Hash_HashType as HashType,
  type SourceProvenance,
  SourceProvenanceSchema,
  type StorageSource,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import type { BuildName } from "../build-name.ts";
import type { Deps } from "../deps.ts";
import { agentOf } from "../service-agent.ts";
import { fetchDependencies, fetchGitSource } from "./fetch-git.ts";
import { fetchSource, urlOf } from "./fetch-source.ts";

export interface FetchedSource {
  /** The workspace of the build's steps. */
  readonly sourceFolder: string;
  /** What exactly was fetched; absent for a build without source. */
  readonly provenance?: SourceProvenance;
}

export interface FetchPlace {
  /** An empty folder of the build's own. */
  readonly folder: string;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Brings a build's source to this machine; rejects with a FetchSourceError when it cannot be had by the user's fault. */
export async function fetchBuildSource(
  deps: Pick<Deps, "clients" | "git">,
  name: BuildName,
  build: Build,
  place: FetchPlace,
): Promise<FetchedSource> {
  const fetched = await fetchOwnSource(deps, name, build, place);
  await fetchDependencies(deps.git, build, fetched.sourceFolder, place);
  return fetched;
}

async function fetchOwnSource(
  { clients, git }: Pick<Deps, "clients" | "git">,
  name: BuildName,
  build: Build,
  place: FetchPlace,
): Promise<FetchedSource> {
  const { folder, onLine, signal } = place;
  // Google: cloudbuild.proto, Dependency.empty ("ignoring the default source as well").
  const isEmpty = build.dependencies.some(({ dep }) => dep.case === "empty" && dep.value);
  if (build.source?.source.case === "gitSource" && !isEmpty)
    return {
      provenance: await fetchGitSource(git, build.source.source.value, place),
      sourceFolder: join(folder, "source"),
    };
  if (build.source?.source.case !== "storageSource" || isEmpty) {
    const sourceFolder = join(folder, "source");
    await mkdir(sourceFolder);
    return { sourceFolder };
  }
  const source = build.source.source.value;
  onLine(`Fetching storage object: ${urlOf(source, source.generation)}`);
  const storage = clients.of(Storage, agentOf(name.project), signal);
  const { sourceFolder, generation } = await fetchSource(storage, source, folder, signal);
  const resolved = { ...source, generation };
  onLine(`Fetched storage object: ${urlOf(source, generation)}`);
  return { sourceFolder, provenance: await provenanceOf(build, resolved, join(folder, "archive")) };
}

async function provenanceOf(build: Build, source: StorageSource, archive: string): Promise<SourceProvenance> {
  const types = (build.options?.sourceProvenanceHash ?? []).filter((type) => algorithmOf(type) !== undefined);
  const fileHash = await Promise.all(types.map(async (type) => ({ type, value: await hashOf(archive, type) })));
  const fileHashes = create(FileHashesSchema, { fileHash });
  return create(SourceProvenanceSchema, {
    resolvedStorageSource: source,
    // Google: cloudbuild.proto, SourceProvenance.file_hashes; the key is the archive's name.
    ...(fileHash.length > 0 && { fileHashes: { [urlOf(source, source.generation)]: fileHashes } }),
  });
}

async function hashOf(file: string, type: HashType): Promise<Uint8Array> {
  const hash = createHash(algorithmOf(type)!);
  await pipeline(createReadStream(file), hash);
  return hash.digest();
}

/** NONE asks for nothing, and GO_MODULE_H1 is for Go modules. */
function algorithmOf(type: HashType): string | undefined {
  return { [HashType.SHA256]: "sha256", [HashType.MD5]: "md5", [HashType.SHA512]: "sha512" }[type as number];
}
