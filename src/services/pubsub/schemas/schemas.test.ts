import assert from "node:assert/strict";
import { test } from "node:test";
import { bootApi } from "../../../../tests/support/boot-api.ts";
import { pubsub } from "../module.ts";

type Json = Record<string, unknown>;

const SCHEMA = "projects/demo/schemas/person";
const TOPIC = "projects/demo/topics/people";
const record = (...fields: Json[]) => JSON.stringify({ type: "record", name: "Person", fields });
const NAME = { name: "name", type: "string" };
const AGE = { name: "age", type: "int", default: 0 };
const PROTO = `syntax = "proto3";
message Person { string name = 1; int32 age = 2; }`;

async function boot() {
  const api = await bootApi((deps) => [pubsub({ ...deps })]);
  const call = async (method: string, path: string, body?: Json, status = 200): Promise<Json> => {
    const answer = await api.json(method, `/v1/${path}`, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
  const refuse = async (method: string, path: string, body: Json | undefined, status: number): Promise<string> => {
    const { error } = await call(method, path, body, status);
    return JSON.stringify(error);
  };
  const create = (definition: string, type = "AVRO") =>
    call("POST", "projects/demo/schemas?schemaId=person", { type, definition });
  const commit = (definition: string, type = "AVRO", status = 200) =>
    call("POST", `${SCHEMA}:commit`, { schema: { name: SCHEMA, type, definition } }, status);
  return { api, call, refuse, create, commit };
}

test("revisions of a schema are committed, listed, rolled back to and deleted", async () => {
  const { api, call, refuse, create, commit } = await boot();
  await using _ = api;
  const first = await create(record(NAME));
  assert.match(String(first["revisionId"]), /^[\da-f]{8}$/);
  assert.ok(first["revisionCreateTime"]);
  await refuse("POST", "projects/demo/schemas?schemaId=person", { type: "AVRO", definition: record(NAME) }, 409);
  const second = await commit(record(NAME, AGE));
  assert.deepEqual(await call("GET", SCHEMA), second);
  const { definition: _definition, ...basic } = second;
  assert.deepEqual(await call("GET", `${SCHEMA}?view=BASIC`), basic);
  assert.deepEqual(await call("GET", "projects/demo/schemas"), { schemas: [basic] });
  assert.deepEqual(await call("GET", `${SCHEMA}@${String(first["revisionId"])}`), first);
  await refuse("GET", `${SCHEMA}@00000000`, undefined, 404);
  const third = await call("POST", `${SCHEMA}:rollback`, { revisionId: first["revisionId"] });
  assert.equal(third["definition"], first["definition"]);
  const page = await call("GET", `${SCHEMA}:listRevisions?view=FULL&pageSize=2`);
  assert.deepEqual(page["schemas"], [third, second]);
  const rest = await call("GET", `${SCHEMA}:listRevisions?view=FULL&pageToken=${String(page["nextPageToken"])}`);
  assert.deepEqual(rest, { schemas: [first] });
  assert.deepEqual(await call("DELETE", `${SCHEMA}@${String(third["revisionId"])}:deleteRevision`), third);
  assert.deepEqual(await call("GET", SCHEMA), second);
  await call("DELETE", `${SCHEMA}@${String(first["revisionId"])}:deleteRevision`);
  assert.match(
    await refuse("DELETE", `${SCHEMA}@${String(second["revisionId"])}:deleteRevision`, undefined, 400),
    /FAILED_PRECONDITION/,
  );
  await refuse("DELETE", `${SCHEMA}:deleteRevision`, undefined, 400);
  await call("DELETE", SCHEMA);
  assert.match(await refuse("GET", SCHEMA, undefined, 404), /Resource not found \(resource=projects/);
});

test("a revision goes together with the others, of which there are at most 20", async () => {
  const { api, create, commit } = await boot();
  await using _ = api;
  await create(record(NAME));
  await commit(record(NAME, { name: "age", type: "int" }), "AVRO", 400);
  await commit(PROTO, "PROTOCOL_BUFFER", 400);
  await commit(record(), "AVRO", 400);
  for (let revision = 2; revision <= 20; revision++) await commit(record(NAME, AGE));
  await commit(record(NAME, AGE), "AVRO", 429);
});

test("fields of Protocol Buffers come and go, but stay what they are", async () => {
  const { api, create, commit } = await boot();
  await using _ = api;
  const proto = (fields: string) => `syntax = "proto3"; message Person { ${fields} }`;
  await create(proto("string name = 1;"), "PROTOCOL_BUFFER");
  await commit(proto("string name = 1; int32 age = 2;"), "PROTOCOL_BUFFER");
  await commit(proto("int32 age = 2;"), "PROTOCOL_BUFFER");
  for (const fields of ["int64 name = 1;", "string label = 1;", "string name = 3;", "repeated string name = 1;"])
    await commit(proto(fields), "PROTOCOL_BUFFER", 400);
});

test("what is no schema is refused", async () => {
  const { api, call, refuse } = await boot();
  await using _ = api;
  const cases: readonly (readonly [type: string, definition: string])[] = [
    ["AVRO", ""],
    ["AVRO", "{"],
    ["AVRO", '{"type":"record"}'],
    ["AVRO", record({ name: "a", type: "Unknown" })],
    ["AVRO", record({ name: "a", type: "int", default: "x" })],
    ["PROTOCOL_BUFFER", "messag A {}"],
    ["PROTOCOL_BUFFER", 'syntax = "proto3"; message A {} message B {}'],
    ["PROTOCOL_BUFFER", 'syntax = "proto3"; import "other.proto"; message A {}'],
    ["PROTOCOL_BUFFER", 'syntax = "proto3"; message A { B b = 1; }'],
    ["PROTOCOL_BUFFER", 'syntax = "proto3"; message A { int32 a = 1; int32 b = 1; }'],
    ["PROTOCOL_BUFFER", 'syntax = "proto3"; message A { int32 a = 19000; }'],
    ["PROTOCOL_BUFFER", 'edition = "2023"; message A { int32 a = 1; }'],
    ["PROTOCOL_BUFFER", `${"/**/".repeat(10_000)} messag`],
  ];
  for (const [type, definition] of cases) {
    const body = { schema: { type, definition } };
    const error = await refuse("POST", "projects/demo/schemas:validate", body, 400);
    assert.match(error, /Invalid schema definition: Could not parse schema/);
    await refuse("POST", "projects/demo/schemas?schemaId=person", { type, definition }, 400);
  }
  assert.match(await refuse("POST", "projects/demo/schemas?schemaId=ab", {}, 400), /Invalid resource name given/);
  const long = { type: "AVRO", definition: JSON.stringify({ type: "string", doc: "x".repeat(300_000) }) };
  assert.match(await refuse("POST", "projects/demo/schemas?schemaId=person", long, 400), /at most 300000 bytes/);
  assert.deepEqual(await call("GET", "projects/demo/schemas"), {});
});

test("messages are checked in both encodings", async () => {
  const { api, call, create } = await boot();
  await using _ = api;
  await create(record(NAME, { name: "age", type: ["null", "long"] }));
  const avro = { name: SCHEMA };
  const proto = {
    schema: { type: "PROTOCOL_BUFFER", definition: `import "google/protobuf/duration.proto"; ${PROTO}` },
  };
  proto.schema.definition = PROTO.replace("int32 age", "optional int32 age");
  const cases: readonly (readonly [spec: Json, encoding: string, message: string | number[], status: number])[] = [
    [avro, "JSON", '{"name":"Ada","age":{"long":36}}', 200],
    [avro, "JSON", '{"name":"Ada","age":null}', 200],
    [avro, "JSON", '{"name":"Ada","age":36}', 400],
    [avro, "JSON", '{"name":1,"age":null}', 400],
    [avro, "JSON", '{"age":null}', 400],
    [avro, "JSON", "Ada", 400],
    [avro, "BINARY", [2, 65, 0], 200],
    [avro, "BINARY", [2, 65, 2, 72], 200],
    [avro, "BINARY", [2, 65, 2], 400],
    [avro, "BINARY", [2, 65, 4], 400],
    [avro, "BINARY", [2, 65, 0, 0], 400],
    [avro, "BINARY", [2, 0xff, 0], 400],
    [proto, "JSON", '{"name":"Ada","age":36}', 200],
    [proto, "JSON", '{"name":"Ada","size":36}', 400],
    [proto, "JSON", '{"name":1}', 400],
    [proto, "BINARY", [10, 1, 65, 16, 36], 200],
    [proto, "BINARY", [10, 9, 65], 400],
    [{ name: "projects/demo/schemas/none" }, "JSON", "{}", 404],
    [avro, "ENCODING_UNSPECIFIED", "{}", 400],
    [{}, "JSON", "{}", 400],
  ];
  for (const [spec, encoding, message, status] of cases) {
    const body = { ...spec, encoding, message: Buffer.from(message as string).toString("base64") };
    await call("POST", "projects/demo/schemas:validateMessage", body, status);
  }
});

test("a message that claims to be endless is refused at once", async () => {
  const { api, call } = await boot();
  await using _ = api;
  const check = async (definition: Json, bytes: number[], status: number) =>
    call(
      "POST",
      "projects/demo/schemas:validateMessage",
      {
        schema: { type: "AVRO", definition: JSON.stringify(definition) },
        encoding: "BINARY",
        message: Buffer.from(bytes).toString("base64"),
      },
      status,
    );
  const manyNulls = [...Array.from({ length: 8 }, () => 0xfe), 0x7f, 0];
  await check({ type: "array", items: "null" }, manyNulls, 200);
  await check({ type: "array", items: "long" }, manyNulls, 400);
  await check({ type: "map", values: "null" }, manyNulls, 400);
});

test("topics name a schema and its revisions, and lose a schema that is deleted", async () => {
  const { api, call, refuse, create, commit } = await boot();
  await using _ = api;
  const { revisionId: first } = await create(record(NAME));
  const { revisionId: last } = await commit(record(NAME, AGE));
  const settings = { schema: SCHEMA, encoding: "JSON", firstRevisionId: first, lastRevisionId: last };
  const created = await call("PUT", TOPIC, { schemaSettings: settings });
  assert.deepEqual(created["schemaSettings"], settings);
  const other = "projects/demo/topics/other";
  await refuse("PUT", other, { schemaSettings: { schema: SCHEMA } }, 400);
  await refuse("PUT", other, { schemaSettings: { ...settings, schema: "projects/demo/schemas/none" } }, 404);
  await refuse("PUT", other, { schemaSettings: { ...settings, firstRevisionId: "00000000" } }, 404);
  const turned = { ...settings, firstRevisionId: last, lastRevisionId: first };
  await refuse("PUT", other, { schemaSettings: turned }, 400);
  await call("DELETE", SCHEMA);
  const left = await call("GET", TOPIC);
  assert.deepEqual(left["schemaSettings"], { ...settings, schema: "_deleted-schema_" });
  await call("PATCH", TOPIC, { topic: { labels: { a: "b" } }, updateMask: "labels" });
  const cleared = await call("PATCH", TOPIC, { topic: {}, updateMask: "schemaSettings" });
  assert.equal(cleared["schemaSettings"], undefined);
});
