import {
  createFileRegistry,
  type DescMessage,
  fromBinary,
  fromJsonString,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import {
  file_google_protobuf_any as anyFile,
  file_google_protobuf_duration as durationFile,
  file_google_protobuf_empty as emptyFile,
  file_google_protobuf_field_mask as fieldMaskFile,
  file_google_protobuf_struct as structFile,
  file_google_protobuf_timestamp as timestampFile,
  file_google_protobuf_wrappers as wrappersFile,
} from "@bufbuild/protobuf/wkt";
import { type CompiledSchema, InvalidMessage } from "../compiled-schema.ts";
import { conflictBetween } from "./conflict-between.ts";
import { describeFile, FILE_NAME } from "./describe-file.ts";

const WELL_KNOWN = [anyFile, durationFile, emptyFile, fieldMaskFile, structFile, timestampFile, wrappersFile];

const messagesOf = new WeakMap<CompiledSchema, DescMessage>();

/** Compiles a schema in Protocol Buffers with one top-level message; throws when it is none. */
export function compileProtobuf(definition: string): CompiledSchema {
  const message = messageOf(definition);
  const compiled: CompiledSchema = {
    checkJson: (data) => check(message, () => fromJsonString(message, decode(data))),
    checkBinary: (data) => check(message, () => fromBinary(message, data)),
    conflictWith(earlier) {
      const before = messagesOf.get(earlier);
      return before ? conflictBetween(message, before) : "The type of a schema cannot be changed.";
    },
  };
  messagesOf.set(compiled, message);
  return compiled;
}

function messageOf(definition: string): DescMessage {
  const resolve = (path: string) => WELL_KNOWN.find(({ name }) => `${name}.proto` === path);
  const registry = createFileRegistry(describeFile(definition), resolve);
  const [message, ...more] = registry.getFile(FILE_NAME)?.messages ?? [];
  if (!message || more.length > 0) throw new Error("The schema must have exactly one top-level message.");
  return message;
}

/** Required fields are missed when a message is written. */
function check(schema: DescMessage, read: () => Message): void {
  try {
    toBinary(schema, read());
  } catch (error) {
    throw new InvalidMessage(error instanceof Error ? error.message : String(error));
  }
}

function decode(data: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(data);
}
