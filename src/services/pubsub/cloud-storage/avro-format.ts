import avsc, { type Schema } from "avsc";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { CloudStorageConfig_AvroConfig, PubsubMessage } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { FileFormat } from "./file-format.ts";
import { SchemaMismatch } from "./schema-mismatch.ts";
import { type TopicSchema, type TopicSchemaDeps, topicSchema } from "./topic-schema.ts";

export type AvroFormatDeps = TopicSchemaDeps;

/** Google: Pub/Sub, "Create a Cloud Storage subscription", write metadata. */
const METADATA = [
  { name: "subscription_name", type: "string" },
  { name: "message_id", type: "string" },
  { name: "publish_time", type: { type: "long", logicalType: "timestamp-micros" } },
  { name: "attributes", type: { type: "map", values: "string" } },
];
const DATA = { name: "data", type: "bytes" };
const NAMESPACE = "com.google.pubsub";
const MICROSECONDS = 1_000n;

/** Object container files of Apache Avro: of the bare data, or of what the topic's schema says, with metadata or without. */
export async function avroFormat(
  { writeMetadata, useTopicSchema }: CloudStorageConfig_AvroConfig,
  subscription: { readonly name: string; readonly topic: string },
  deps: AvroFormatDeps,
): Promise<FileFormat> {
  const schema = useTopicSchema ? await topicSchema(deps, subscription.topic) : undefined;
  const written = schemaOf(schema, writeMetadata);
  return {
    contentType: "application/octet-stream",
    async encode(message) {
      const content = schema === undefined ? { data: Buffer.from(message.data) } : await schema.valueOf(message);
      if (content === undefined) return undefined;
      return writeMetadata ? { ...metadataOf(subscription.name, message), ...(content as object) } : content;
    },
    format: (encoded) => containerOf(written, encoded),
  };
}

function schemaOf(topic: TopicSchema | undefined, writeMetadata: boolean): Schema {
  if (topic === undefined) {
    const [name, fields] = writeMetadata
      ? ["PubsubMessageWithMetadata", [...METADATA, DATA]]
      : ["PubsubMessage", [DATA]];
    return { type: "record", namespace: NAMESPACE, name, fields } as Schema;
  }
  const { definition } = topic;
  if (!writeMetadata) return definition as Schema;
  if (typeof definition !== "object" || definition === null || !("fields" in definition))
    throw new SchemaMismatch("the topic's schema is no record, which metadata could be added to");
  const fields = definition.fields as readonly { readonly name: string }[];
  const taken = METADATA.find(({ name }) => fields.some((field) => field.name === name));
  if (taken !== undefined) throw new SchemaMismatch(`the topic's schema has a field ${taken.name} of its own`);
  return { ...definition, fields: [...METADATA, ...fields] } as Schema;
}

function metadataOf(subscription: string, { messageId, publishTime, attributes, orderingKey }: PubsubMessage) {
  const publishMs = publishTime === undefined ? 0 : timestampMs(publishTime);
  return {
    subscription_name: subscription,
    message_id: messageId,
    publish_time: Number(BigInt(publishMs) * MICROSECONDS),
    attributes: { ...attributes, ...(orderingKey !== "" && { ordering_key: orderingKey }) },
  };
}

async function containerOf(schema: Schema, values: readonly unknown[]): Promise<Buffer> {
  const encoder = new avsc.streams.BlockEncoder(schema);
  const chunks: Buffer[] = [];
  encoder.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve, reject) => encoder.on("end", resolve).on("error", reject));
  for (const value of values) encoder.write(value);
  encoder.end();
  await ended;
  return Buffer.concat(chunks);
}
