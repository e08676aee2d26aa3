import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { TriggerSchema } from "../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import { DocumentSchema } from "../../gen/google/firestore/v1/document_pb.js";
import { create } from "@bufbuild/protobuf";
import { inContentTypeOf } from "./in-content-type.ts";

const event = (data: unknown, type = "google.cloud.firestore.document.v1.updated") => ({
  id: "1",
  source: "//firestore.googleapis.com/projects/demo/databases/(default)",
  type,
  attributes: { document: "users/ann" },
  contentType: "application/json",
  data: Buffer.from(JSON.stringify(data)),
});
const trigger = create(TriggerSchema, { name: "t", eventDataContentType: "application/protobuf" });

test("documents in JSON become the protobuf that Firestore's triggers take", () => {
  const name = "projects/demo/databases/(default)/documents/users/ann";
  const document = (age: string) => ({ name, fields: { age: { integerValue: age }, tags: { arrayValue: {} } } });
  const data = { value: document("7"), oldValue: document("6"), updateMask: { fieldPaths: ["age"] } };
  const { contentType, data: bytes } = inContentTypeOf(trigger, event(data));
  assert.equal(contentType, "application/protobuf");
  const reader = new BinaryReader(bytes);
  const parts: [field: number, bytes: Uint8Array][] = [];
  while (reader.pos < reader.len) parts.push([reader.tag()[0], reader.bytes()]);
  const [value, oldValue, mask] = parts;
  assert.deepEqual([value![0], toJson(DocumentSchema, fromBinary(DocumentSchema, value![1]))], [1, data.value]);
  assert.deepEqual(
    [oldValue![0], toJson(DocumentSchema, fromBinary(DocumentSchema, oldValue![1]))],
    [2, data.oldValue],
  );
  assert.deepEqual([mask![0], Buffer.from(mask![1]).toString()], [3, "\n\u0003age"]);
});

test("what is no document, and other events in another encoding, are refused", () => {
  assert.throws(() => inContentTypeOf(trigger, event({ value: { fields: 1 } })), /DocumentEventData/);
  const other = event({}, "google.cloud.datastore.entity.v1.created");
  assert.throws(() => inContentTypeOf(trigger, other), /takes events in application\/protobuf, and the event is in/);
});
