import type { CloudStorageConfig, PubsubMessage } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { AvroFormatDeps } from "./avro-format.ts";

/** How messages become a file. */
export interface FileFormat {
  readonly contentType: string;
  /** What stands for a message in the file; undefined when it does not fit into one. */
  encode(message: PubsubMessage): Promise<unknown>;
  /** The file with what `encode` made of its messages. */
  format(encoded: readonly unknown[]): Promise<Buffer>;
}

/** Google: Pub/Sub, "Create a Cloud Storage subscription", file format: payloads, with a newline between two. */
const textFormat: FileFormat = {
  contentType: "text/plain",
  encode: async ({ data }) => data,
  async format(encoded) {
    const lines = encoded as readonly Uint8Array[];
    return Buffer.concat(lines.flatMap((data, index) => (index === 0 ? [data] : [Buffer.from("\n"), data])));
  },
};

/** The format that a configuration asks for; rejects with a SchemaMismatch when the topic's schema does not go with it. */
export async function fileFormatOf(
  { outputFormat }: CloudStorageConfig,
  subscription: { readonly name: string; readonly topic: string },
  deps: AvroFormatDeps,
): Promise<FileFormat> {
  if (outputFormat.case !== "avroConfig") return textFormat;
  // Loaded where it is asked for, with its library.
  const { avroFormat } = await import("./avro-format.ts");
  return avroFormat(outputFormat.value, subscription, deps);
}
