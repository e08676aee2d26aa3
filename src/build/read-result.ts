import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDigest } from "../oci/digest.ts";
import type { BuilderOutput, LayerArchive, LifecycleResult, SbomFile } from "./lifecycle/exchange.ts";

/** A file in the output directory that the build can have written itself is not what it should be. */
export class InvalidResultError extends Error {
  override readonly name = "InvalidResultError";
}

const BLOB_NAME = /^sha256-[0-9a-f]{64}\.tar\.gz$/;
/** Buildpack API, "Buildpack ID". */
const BUILDPACK_ID = /^(?!\.{1,2}$)[A-Za-z0-9./-]+$/;
const LAYER_NAME = /^(?!\.{1,2}$)[^/\0]+$/;
const MAX_RESULT_BYTES = 16 * 1024 * 1024;

/**
 * Reads and checks what the lifecycle left. Whatever ran in the sandbox may have forged it, so nothing in it may lead
 * outside: blobs are plain files of the output directory, and `isKnown` decides which layers exist already.
 */
export function readResult(outputDir: string, isKnown: (diffId: string) => boolean): LifecycleResult {
  const result = parse(readPlainFile(join(outputDir, "result.json"))) as LifecycleResult;
  const lists = [
    result.phases,
    result.group,
    result.processes,
    result.labels,
    result.buildpacks,
    result.archives,
    result.sboms,
    result.app,
  ];
  check(
    lists.every((list) => Array.isArray(list)),
    "a list is missing",
  );
  check(
    lists.flat().every((item) => typeof item === "string" || (typeof item === "object" && item !== null)),
    "a list holds something else",
  );
  for (const buildpack of result.buildpacks) checkBuildpack(buildpack);
  for (const archive of result.archives) checkArchive(outputDir, archive, isKnown);
  for (const sbom of result.sboms) checkSbom(outputDir, sbom);
  const diffIds = new Set(result.archives.map(({ diffId }) => diffId));
  for (const layer of result.buildpacks.flatMap(({ layers }) => Object.values(layers))) {
    check(diffIds.has(layer.sha), `layer ${layer.sha} has no archive`);
  }
  for (const diffId of [...result.app, result.launcher, result.config])
    check(diffIds.has(diffId), `${diffId} has no archive`);
  for (const { type } of result.processes) check(/^[A-Za-z0-9._-]+$/.test(type), `invalid process type ${type}`);
  return result;
}

/** The structured error that a failing buildpack left, if it left one. */
export function readBuilderError(outputDir: string): BuilderOutput["error"] {
  try {
    const { error } = parse(readPlainFile(join(outputDir, "builder-output", "output"))) as BuilderOutput;
    return typeof error?.errorMessage === "string" ? error : undefined;
  } catch {
    return undefined;
  }
}

/** What the cache remembers of it makes folders for the next builds. */
function checkBuildpack({ key, version, layers }: LifecycleResult["buildpacks"][number]): void {
  check(typeof key === "string" && BUILDPACK_ID.test(key), `invalid buildpack ${JSON.stringify(key)}`);
  check(typeof version === "string", `buildpack ${key} has no version`);
  check(typeof layers === "object" && layers !== null, `buildpack ${key} has no layers`);
  for (const [name, layer] of Object.entries(layers)) {
    const isLayer = typeof layer === "object" && layer !== null && typeof layer.sha === "string";
    const sboms: unknown[] = isLayer ? Object.values(layer.sbom ?? {}) : [];
    const areDigests = sboms.every((digest) => typeof digest === "string" && parseDigest(digest) !== undefined);
    check(LAYER_NAME.test(name) && isLayer && areDigests, `invalid layer ${name} of buildpack ${key}`);
  }
}

function checkArchive(
  outputDir: string,
  { diffId, blob, createdBy }: LayerArchive,
  isKnown: (diffId: string) => boolean,
): void {
  check(parseDigest(diffId) !== undefined, `invalid diff id ${diffId}`);
  check(typeof createdBy === "string", "an archive has no description");
  if (!blob) return check(isKnown(diffId), `layer ${diffId} is not one of the previous build`);
  check(parseDigest(blob.digest) !== undefined, `invalid digest ${blob.digest}`);
  check(BLOB_NAME.test(blob.file), `invalid file name ${blob.file}`);
  const stats = lstatSync(join(outputDir, blob.file), { throwIfNoEntry: false });
  check(stats?.isFile() === true && stats.size === blob.size, `${blob.file} is not the file it should be`);
}

function checkSbom(outputDir: string, { file, digest, size }: SbomFile): void {
  check(parseDigest(digest) !== undefined, `invalid digest ${digest}`);
  check(file === `${digest.replace(":", "-")}.json`, `invalid file name ${file}`);
  const stats = lstatSync(join(outputDir, file), { throwIfNoEntry: false });
  check(stats?.isFile() === true && stats.size === size, `${file} is not the file it should be`);
}

function readPlainFile(path: string): string {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  check(stats?.isFile() === true && stats.size <= MAX_RESULT_BYTES, `${path} is not a plain file`);
  return readFileSync(path, "utf8");
}

function parse(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null) return json;
  } catch (cause) {
    throw new InvalidResultError("the result is not JSON", { cause });
  }
  throw new InvalidResultError("the result is not an object");
}

function check(condition: boolean, problem: string): void {
  if (!condition) throw new InvalidResultError(problem);
}
