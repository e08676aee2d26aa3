import avsc, { type Type } from "avsc";
import { type CompiledSchema, parseJson } from "../compiled-schema.ts";
import { checkBinaryOf } from "./check-binary.ts";
import { checkJsonOf } from "./check-json.ts";

const typesOf = new WeakMap<CompiledSchema, Type>();

/** Compiles a schema of Apache Avro; throws when it is none. */
export function compileAvro(definition: string): CompiledSchema {
  const parsed: unknown = JSON.parse(definition);
  const type = avsc.Type.forSchema(parsed as avsc.Schema, { noAnonymousTypes: true, wrapUnions: true });
  const checkJson = checkJsonOf(type);
  const compiled: CompiledSchema = {
    checkJson: (data) => checkJson(parseJson(data)),
    checkBinary: checkBinaryOf(type),
    conflictWith: (earlier) => conflictBetween(type, typesOf.get(earlier)),
  };
  typesOf.set(compiled, type);
  return compiled;
}

/** Each has to read what the other writes. Google: cloud.google.com/pubsub/docs/commit-schema-revision. */
function conflictBetween(type: Type, earlier: Type | undefined): string | undefined {
  if (!earlier) return "The type of a schema cannot be changed.";
  try {
    type.createResolver(earlier);
    earlier.createResolver(type);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
