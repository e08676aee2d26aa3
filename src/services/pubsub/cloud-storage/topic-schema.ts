import avsc, { type Schema as AvroSchema, type Type } from "avsc";
import { Encoding, Schema_Type } from "../../../gen/google/pubsub/v1/schema_pb.js";
import type { PubsubMessage } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Deps } from "../deps.ts";
import { topicOf } from "../resources/topic.ts";
import type { CompiledRevision } from "../schemas/schema-cache.ts";
import { SchemaMismatch } from "./schema-mismatch.ts";

export type TopicSchemaDeps = Pick<Deps, "topics" | "schemaCache">;

/** The schema of a topic's messages. */
export interface TopicSchema {
  /** The newest revision, parsed. */
  readonly definition: unknown;
  /** What a message says, as a value of that revision; undefined when it conforms to none. */
  valueOf(message: PubsubMessage): Promise<unknown>;
}

/** Publishers' attribute that tells by which revision they wrote. Google: Pub/Sub, "Schema overview". */
const REVISION_ATTRIBUTE = "googclient_schemarevisionid";

/** The Avro schema of a topic; undefined when it has none. Rejects with a SchemaMismatch when it is of another type. */
export async function topicSchema(deps: TopicSchemaDeps, topic: string): Promise<TopicSchema | undefined> {
  const row = await deps.topics.get(topic);
  const settings = row && topicOf(row).schemaSettings;
  if (!settings || settings.schema === "") return undefined;
  const revisions = await deps.schemaCache.revisions(settings.schema);
  const usable = revisions?.filter(({ isDeleted }) => !isDeleted) ?? [];
  const newest = usable.at(-1);
  if (newest === undefined) throw new SchemaMismatch("the topic's schema is gone");
  if (newest.schema.type !== Schema_Type.AVRO) throw new SchemaMismatch("the topic's schema is not in Apache Avro");
  const target = typeOf(newest);
  const isJson = settings.encoding === Encoding.JSON;
  const types = new Map(usable.map((revision) => [revision.schema.revisionId, revision]));
  return {
    definition: JSON.parse(newest.schema.definition),
    async valueOf({ data, attributes }) {
      const named = types.get(attributes[REVISION_ATTRIBUTE] ?? "");
      // Without a name, the newest revision that fits counts.
      const candidates = named === undefined ? usable.toReversed() : [named];
      for (const revision of candidates) {
        const value = read(typeOf(revision), target, Buffer.from(data), isJson);
        if (value !== undefined) return value;
      }
      return undefined;
    },
  };
}

function typeOf({ schema }: CompiledRevision): Type {
  return avsc.Type.forSchema(JSON.parse(schema.definition) as AvroSchema);
}

function read(written: Type, target: Type, data: Buffer, isJson: boolean): unknown {
  try {
    const binary = isJson ? written.toBuffer(written.fromString(data.toString())) : data;
    return target.fromBuffer(binary, target.createResolver(written)) as unknown;
  } catch {
    return undefined;
  }
}
