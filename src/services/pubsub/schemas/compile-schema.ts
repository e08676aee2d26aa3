import { Encoding, type Schema, Schema_Type as Type } from "../../../gen/google/pubsub/v1/schema_pb.js";
import { invalidField } from "../resources/errors.ts";
import type { CompiledSchema } from "./compiled-schema.ts";
import { invalidDefinition } from "./errors.ts";
import { MAX_DEFINITION_BYTES } from "./limits.ts";

/** Compiles a schema; rejects with INVALID_ARGUMENT a definition that is none. */
export async function compileSchema({
  type,
  definition,
}: Pick<Schema, "type" | "definition">): Promise<CompiledSchema> {
  if (type === Type.TYPE_UNSPECIFIED) throw invalidField("schema.type", "Invalid schema type.");
  if (Buffer.byteLength(definition) > MAX_DEFINITION_BYTES)
    throw invalidField("schema.definition", `A schema definition has at most ${MAX_DEFINITION_BYTES} bytes.`);
  const compile = await compilerOf(type);
  try {
    return compile(definition);
  } catch (error) {
    throw invalidDefinition(error instanceof Error ? error.message : String(error));
  }
}

/** Loaded with the first schema: each comes with a parser that most servers never need. */
async function compilerOf(type: Type): Promise<(definition: string) => CompiledSchema> {
  if (type === Type.AVRO) return (await import("./avro/compile-avro.ts")).compileAvro;
  return (await import("./protobuf/compile-protobuf.ts")).compileProtobuf;
}

/** Google's reason for a message that does not conform: INVALID_JSON_AVRO_MESSAGE and the like. */
export function reasonOf(type: Type, encoding: Encoding): string {
  return `INVALID_${Encoding[encoding]}_${type === Type.AVRO ? "AVRO" : "PROTO"}_MESSAGE`;
}

/** Why data does not conform to a schema; undefined when it does. */
export function complaint(schema: CompiledSchema, encoding: Encoding, data: Uint8Array): string | undefined {
  try {
    if (encoding === Encoding.JSON) schema.checkJson(data);
    else schema.checkBinary(data);
    return undefined;
  } catch (error) {
    // A message that is nested deeper than the stack goes does not conform either.
    return error instanceof Error ? error.message : String(error);
  }
}
