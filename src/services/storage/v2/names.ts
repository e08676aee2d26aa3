import { invalidArgument } from "../../../wire/errors.ts";

/** The bucket id in "projects/_/buckets/B". */
export function bucketIdOf(name: string, field: string): string {
  const match = /^projects\/[^/]+\/buckets\/([^/]+)$/.exec(name);
  if (!match) {
    const description = `'${name}' is not the name of a bucket: projects/_/buckets/BUCKET.`;
    throw invalidArgument(description, [{ field, description }]);
  }
  return match[1]!;
}

/** The project id in "projects/P". */
export function projectIdOf(name: string, field: string): string {
  const match = /^projects\/([^/]+)$/.exec(name);
  if (!match || match[1] === "_") {
    const description = `'${name}' is not the name of a project: projects/PROJECT.`;
    throw invalidArgument(description, [{ field, description }]);
  }
  return match[1]!;
}

/** Upload ids carry their bucket, which Google's clients route by. */
export function uploadName(bucketId: string, id: string): string {
  return `projects/_/buckets/${bucketId}/uploads/${id}`;
}

/** The id of an upload session in its name. */
export function uploadIdOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** A generation as the model takes it: 0 means the live one. */
export function generationOf(generation: bigint): bigint | undefined {
  return generation === 0n ? undefined : generation;
}
