import { fromJson, type JsonObject, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { DocumentSchema } from "../../gen/google/firestore/v1/document_pb.js";

/** Field numbers of DocumentEventData and of DocumentMask. */
const VALUE = 1;
const OLD_VALUE = 2;
const UPDATE_MASK = 3;
const FIELD_PATHS = 1;

/**
 * The data of a Firestore event in protobuf, from its JSON; throws for what is no such data. The documents in it are those
 * of Firestore's API. Google: google-cloudevents, google/events/cloud/firestore/v1/data.proto, DocumentEventData.
 */
export function firestoreDataFromJson(text: string): Uint8Array {
  const data = JSON.parse(text) as JsonObject;
  const writer = new BinaryWriter();
  writePart(writer, VALUE, documentBytes(data["value"]));
  writePart(writer, OLD_VALUE, documentBytes(data["oldValue"] ?? data["old_value"]));
  writePart(writer, UPDATE_MASK, maskBytes(data["updateMask"] ?? data["update_mask"]));
  return writer.finish();
}

function writePart(writer: BinaryWriter, field: number, bytes: Uint8Array | undefined): void {
  if (bytes) writer.tag(field, WireType.LengthDelimited).bytes(bytes);
}

function documentBytes(json: JsonValue | undefined): Uint8Array | undefined {
  return json ? toBinary(DocumentSchema, fromJson(DocumentSchema, json)) : undefined;
}

function maskBytes(json: JsonValue | undefined): Uint8Array | undefined {
  if (!json) return undefined;
  const { fieldPaths, field_paths: sameInProto } = json as { fieldPaths?: string[]; field_paths?: string[] };
  const writer = new BinaryWriter();
  for (const path of fieldPaths ?? sameInProto ?? []) writer.tag(FIELD_PATHS, WireType.LengthDelimited).string(path);
  return writer.finish();
}
