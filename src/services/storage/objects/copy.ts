import { create } from "@bufbuild/protobuf";
import { type Object$, ObjectSchema } from "../../../gen/google/storage/v2/storage_pb.js";
import type { Conditions } from "../conditions.ts";
import type { ContentStore } from "../../../platform/blobs/content-store.ts";
import { invalidValue } from "../errors.ts";
import { putHashed } from "../content/content-hash.ts";
import { LIMITS } from "../limits.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { ObjectChanger } from "./change.ts";
import { settable } from "./object.ts";
import type { ObjectReader } from "./read.ts";
import type { StoredObject } from "./store.ts";
import type { ObjectWriter } from "./write.ts";

export interface CopyDeps {
  readonly reader: ObjectReader;
  readonly writer: ObjectWriter;
  readonly changer: ObjectChanger;
  readonly contentStore: ContentStore;
}

export interface CopyRequest {
  readonly source: { readonly bucket: string; readonly object: string; readonly generation?: bigint | undefined };
  readonly sourceConditions: Conditions;
  readonly bucket: string;
  readonly object: string;
  /** Fields of the copy instead of the source's; absent: the source's. */
  readonly resource?: Object$ | undefined;
  /** "" for the default of the new bucket. */
  readonly storageClass: string;
  readonly conditions: Conditions;
}

export interface MoveRequest {
  readonly bucket: string;
  /** Name to move from, and name to move to. */
  readonly source: string;
  readonly object: string;
  readonly conditions: Conditions;
  readonly sourceConditions: Conditions;
}

export interface ComposeRequest {
  readonly bucket: string;
  /** The name and the settable fields of the new object. */
  readonly resource: Object$;
  readonly conditions: Conditions;
  readonly sources: readonly {
    readonly name: string;
    readonly generation?: bigint | undefined;
    readonly conditions: Conditions;
  }[];
}

/** Objects made of other objects; rejects with Cloud Storage's own errors. */
export interface ObjectCopier {
  /** A copy that shares the source's bytes, of whatever size. */
  copy(request: CopyRequest): Promise<Object$>;
  /** Gives an object another name in its bucket; a generation of the new name, never both or none. */
  move(request: MoveRequest): Promise<Object$>;
  /** The contents of up to 32 objects of one bucket behind each other. */
  compose(request: ComposeRequest): Promise<Object$>;
}

export function createObjectCopier(deps: CopyDeps): ObjectCopier {
  return {
    copy: (request) => copy(deps, request),
    move: (request) => move(deps, request),
    compose: (request) => compose(deps, request),
  };
}

async function copy({ reader, writer }: CopyDeps, request: CopyRequest): Promise<Object$> {
  const { bucket, object: name, conditions, source, sourceConditions, storageClass } = request;
  const find = (transaction?: StoreTransaction) =>
    reader.forWrite(source.bucket, source.object, source.generation, sourceConditions, transaction);
  const found = await find();
  const resource = create(ObjectSchema, { ...settable(request.resource ?? found.object), storageClass, name });
  const write = { bucket, resource, conditions, checksums: {} };
  await writer.check(write);
  return writer.commit(write, async (transaction) => contentOf(await find(transaction)));
}

async function move(deps: CopyDeps, request: MoveRequest): Promise<Object$> {
  const { reader, writer, changer } = deps;
  const { bucket, object: name, source, conditions, sourceConditions } = request;
  const found = await reader.forWrite(bucket, source, undefined, sourceConditions);
  const write = {
    bucket,
    resource: create(ObjectSchema, { ...settable(found.object), name }),
    conditions,
    checksums: {},
  };
  await writer.check(write);
  if (name === source) throw invalidValue("An object cannot be moved to its own name.", "destinationObject");
  const content = async (transaction: StoreTransaction) =>
    contentOf(await reader.forWrite(bucket, source, undefined, sourceConditions, transaction));
  return writer.commit(write, content, (transaction) => changer.deleteIn(transaction, { bucket, object: source }, {}));
}

async function compose({ reader, writer, contentStore }: CopyDeps, request: ComposeRequest): Promise<Object$> {
  const { bucket, resource, conditions, sources } = request;
  if (sources.length === 0) throw invalidValue("You must provide at least one source component.", "sourceObjects");
  if (sources.length > LIMITS.composeSources) {
    throw invalidValue(
      `The number of source components provided (${sources.length}) exceeds the maximum (${LIMITS.composeSources})`,
      "sourceObjects",
    );
  }
  const parts: StoredObject[] = [];
  for (const { name, generation, conditions } of sources) {
    parts.push(await reader.forWrite(bucket, name, generation, conditions));
  }
  const write = { bucket, resource, conditions, checksums: {} };
  await writer.check(write);
  const { md5: _, ...stored } = await putHashed(contentStore, bytesOf(contentStore, parts));
  const componentCount = parts.reduce((sum, { object }) => sum + (object.componentCount || 1), 0);
  return writer.commit(write, { ...stored, componentCount });
}

async function* bytesOf(contentStore: ContentStore, parts: readonly StoredObject[]): AsyncIterable<Uint8Array> {
  for (const { content } of parts) yield* (await contentStore.open(content)) as AsyncIterable<Uint8Array>;
}

function contentOf({ object, content }: StoredObject) {
  const { checksums, size, componentCount } = object;
  return {
    content,
    sizeBytes: Number(size),
    crc32c: checksums?.crc32c ?? 0,
    ...(checksums?.md5Hash.length && { md5: checksums.md5Hash }),
    ...(componentCount > 0 && { componentCount }),
  };
}
