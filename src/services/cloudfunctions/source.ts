import { create } from "@bufbuild/protobuf";
import {
  type Function,
  type StorageSource,
  SourceProvenanceSchema,
  StorageSourceSchema,
} from "../../gen/google/cloud/functions/v2/functions_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import { isApiError } from "./api-errors.ts";
import { bucketName, ensureBucket, storageOf } from "./buckets.ts";
import type { Deps } from "./deps.ts";
import { sourceNotFound } from "./errors.ts";
import { type FunctionName, sourceBucketOf, sourceObjectOf } from "./function-name.ts";
import { SOURCE_VERSIONS_KEPT } from "./limits.ts";

/**
 * Copies the source that a function names into the project's own bucket and points the function at that copy, by
 * generation. INVALID_ARGUMENT when it cannot be read. Google does this before it answers, too: a wrong source is told at once.
 */
export async function adoptSource(deps: Pick<Deps, "clients">, name: FunctionName, fn: Function): Promise<void> {
  const build = fn.buildConfig;
  if (build?.source?.source.case !== "storageSource") return;
  const given = build.source.source.value;
  const adopted = isAdopted(given, name) ? given : await copySource(deps, name, given);
  build.source.source = { case: "storageSource", value: adopted };
  build.sourceProvenance = create(SourceProvenanceSchema, { resolvedStorageSource: adopted });
}

/** Deletes the oldest versions of a function's source, but for the newest three. */
export async function pruneSources(
  deps: Pick<Deps, "clients">,
  name: FunctionName,
  keep = SOURCE_VERSIONS_KEPT,
): Promise<void> {
  const storage = storageOf(deps, name.project);
  const bucket = bucketName(sourceBucketOf(name));
  const object = sourceObjectOf(name);
  try {
    const { objects } = await storage.listObjects({ parent: bucket, prefix: object, versions: true, pageSize: 1000 });
    const generations = objects.filter((each) => each.name === object).map(({ generation }) => generation);
    generations.sort((a, b) => Number(b - a));
    for (const generation of generations.slice(keep)) await storage.deleteObject({ bucket, object, generation });
  } catch (error) {
    if (!isApiError(error, Code.NOT_FOUND)) throw error;
  }
}

/** Clients send back what they read: a source that is in the right place already is not copied onto itself. */
function isAdopted({ bucket, object, generation }: StorageSource, name: FunctionName): boolean {
  return bucket === sourceBucketOf(name) && object === sourceObjectOf(name) && generation !== 0n;
}

async function copySource(
  deps: Pick<Deps, "clients">,
  name: FunctionName,
  given: StorageSource,
): Promise<StorageSource> {
  const bucket = sourceBucketOf(name);
  const object = sourceObjectOf(name);
  await ensureBucket(deps, name, bucket, { versioning: true });
  try {
    const { resource } = await storageOf(deps, name.project).rewriteObject({
      sourceBucket: bucketName(given.bucket),
      sourceObject: given.object,
      sourceGeneration: given.generation,
      destinationBucket: bucketName(bucket),
      destinationName: object,
    });
    return create(StorageSourceSchema, { bucket, object, generation: resource?.generation ?? 0n });
  } catch (error) {
    if (isApiError(error, Code.NOT_FOUND, Code.PERMISSION_DENIED, Code.INVALID_ARGUMENT))
      throw sourceNotFound(`gs://${given.bucket}/${given.object}`);
    throw error;
  }
}
