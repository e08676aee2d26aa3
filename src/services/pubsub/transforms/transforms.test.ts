import assert from "node:assert/strict";
import { test } from "node:test";
import { bootPubsub } from "../testing/boot-pubsub.ts";

type Json = Record<string, unknown>;

const TOPIC = "projects/demo/topics/news";
const READER = "projects/demo/subscriptions/reader";
const udf = (code: string, functionName = "f") => ({ javascriptUdf: { functionName, code } });
const REDACT = `function redact(message, metadata) {
  const data = JSON.parse(message.data);
  if (data.secret === "drop") return null;
  if (data.secret === "throw") throw new Error("no");
  delete data.secret;
  return { data: JSON.stringify(data), attributes: { ...message.attributes, key: metadata.ordering_key ?? "" } };
}`;

test("a topic's transforms change messages, leave some out, and fail a publish as a whole", async () => {
  const { call, refuse, publish, pull, ...booted } = await bootPubsub();
  await using _ = booted;
  const second = udf("const shout = ({ data, attributes }) => ({ data: data.toUpperCase(), attributes })", "shout");
  await call(
    "PUT",
    TOPIC,
    { messageTransforms: [udf(REDACT, "redact"), second, { ...udf("no!", "off"), disabled: true }] },
    400,
  );
  const disabled = { ...udf("function off() { return null; }", "off"), disabled: true };
  await call("PUT", TOPIC, { messageTransforms: [udf(REDACT, "redact"), second, disabled] });
  await call("PUT", READER, { topic: TOPIC });
  const message = (secret: string) => ({
    data: JSON.stringify({ a: 1, secret }),
    attributes: { b: "c" },
    orderingKey: "k",
  });
  const ids = await publish(TOPIC, [message("x"), message("drop"), message("y")]);
  assert.equal(new Set(ids).size, 3);
  assert.match(
    await refuse(
      "POST",
      `${TOPIC}:publish`,
      { messages: [message("x"), message("throw")].map(({ data, ...rest }) => ({ data: btoa(data), ...rest })) },
      400,
    ),
    /could not be transformed: Error: no/,
  );
  const received = await pull(READER);
  assert.deepEqual(
    received.map(({ data }) => data),
    ['{"A":1}', '{"A":1}'],
  );
  assert.deepEqual(
    received.map(({ attributes }) => attributes),
    [
      { b: "c", key: "k" },
      { b: "c", key: "k" },
    ],
  );
  assert.deepEqual(
    received.map(({ messageId }) => messageId),
    [ids[0], ids[2]],
  );
});

test("a subscription's transforms change what it delivers; what they fail on becomes a dead letter", async () => {
  const { call, publish, pull, clock, ...booted } = await bootPubsub();
  await using _ = booted;
  await call("PUT", TOPIC, {});
  await call("PUT", "projects/demo/topics/dead", {});
  await call("PUT", "projects/demo/subscriptions/undertaker", { topic: "projects/demo/topics/dead" });
  const deadLetterPolicy = { deadLetterTopic: "projects/demo/topics/dead", maxDeliveryAttempts: 5 };
  await call("PUT", READER, { topic: TOPIC, messageTransforms: [udf(REDACT, "redact")], deadLetterPolicy });
  const message = (secret: string) => ({ data: JSON.stringify({ a: secret, secret }) });
  await publish(TOPIC, [message("throw"), message("drop"), message("x")]);
  assert.deepEqual(
    (await pull(READER)).map(({ data }) => data),
    ['{"a":"x"}'],
  );
  for (let attempt = 1; attempt <= 5; attempt++) {
    clock.advance(11_000);
    assert.deepEqual(await pull(READER), []);
  }
  const [dead] = await pull("projects/demo/subscriptions/undertaker", { waits: true });
  assert.equal(dead?.data, message("throw").data);
});

test("transforms are checked before they are kept", async () => {
  const { call, refuse, ...booted } = await bootPubsub();
  await using _ = booted;
  const cases: readonly (readonly [transforms: Json[], message: RegExp])[] = [
    [[udf("function g() {}")], /The function f is not defined/],
    [[udf("function f( {")], /SyntaxError/],
    [[udf("while (true);")], /took longer than 500 ms/],
    [[udf("function f() {}", "f;")], /Invalid function name/],
    [[udf("function f() {}"), udf("function f() {}")], /Duplicate function name: f/],
    [[udf(`function f() {} // ${"x".repeat(20_000)}`)], /at most 20000 bytes/],
    [[{}], /must have a javascript_udf/],
    [[{ aiInference: { endpoint: "e" } }], /ai_inference is not supported/],
    [Array.from({ length: 6 }, (_each, index) => udf(`function f${index}() {}`, `f${index}`)), /At most 5/],
  ];
  for (const [messageTransforms, message] of cases)
    assert.match(await refuse("PUT", TOPIC, { messageTransforms }, 400), message);
  await call("GET", TOPIC, undefined, 404);
  const check = (code: string, status: number) =>
    call("POST", "projects/demo:validateMessageTransform", { messageTransform: udf(code) }, status);
  await check("function f() {}", 200);
  await check("function g() {}", 400);
});

test("functions that exhaust time or memory fail one message, not the others", async () => {
  const { call, ...booted } = await bootPubsub();
  await using _ = booted;
  const run = async (code: string): Promise<Json[]> => {
    const body = {
      message: { data: btoa("x"), attributes: { a: "b" } },
      messageTransforms: { messageTransforms: [udf(code)] },
    };
    return (await call("POST", "projects/demo:testMessageTransforms", body))["transformedMessages"] as Json[];
  };
  const failure = ([step]: Json[]) => (step!["failedMessage"] as { error: { message: string } }).error.message;
  const whole = "function f(message) { return message; }";
  for (const code of [
    "function f() { while (true); }",
    "function f() { return f(); }",
    'function f() { const all = []; while (true) all.push("x".repeat(1e6) + all.length); }',
  ]) {
    const [step, after] = await Promise.all([run(code), run(whole)]);
    assert.match(failure(step), /took longer|took too much|stack overflow|out of memory/);
    assert.deepEqual(after, [{ transformedMessage: { data: btoa("x"), attributes: { a: "b" } } }]);
  }
  assert.match(failure(await run("function f() { return { data: 1 }; }")), /data of a message must be a string/);
  assert.match(failure(await run("function f() { return { data: typeof process.env }; }")), /'process' is not defined/);
  assert.deepEqual(await run("function f() { return null; }"), [{ filteredMessage: {} }]);
});

test("messages conform to the topic's schema and say to which revision", async () => {
  const { call, refuse, publish, pull, ...booted } = await bootPubsub();
  await using _ = booted;
  const record = (...fields: Json[]) => JSON.stringify({ type: "record", name: "R", fields });
  const fields = [
    { name: "a", type: "string" },
    { name: "b", type: "int", default: 0 },
  ];
  const schema = "projects/demo/schemas/record";
  const first = await call("POST", "projects/demo/schemas?schemaId=record", {
    type: "AVRO",
    definition: record(fields[0]!),
  });
  const definition = record(...fields);
  const last = await call("POST", `${schema}:commit`, { schema: { name: schema, type: "AVRO", definition } });
  const firstRevisionId = first["revisionId"];
  await call("PUT", TOPIC, { schemaSettings: { schema, encoding: "JSON", firstRevisionId } });
  await call("PUT", READER, { topic: TOPIC });
  await publish(TOPIC, [{ data: '{"a":"x"}' }, { data: '{"a":"x","b":1}', attributes: { c: "d" } }]);
  const attributes = (await pull(READER)).map((message) => message.attributes);
  const expected = { googclient_schemaencoding: "JSON", googclient_schemaname: schema };
  assert.deepEqual(attributes, [
    { ...expected, googclient_schemarevisionid: firstRevisionId },
    { ...expected, googclient_schemarevisionid: last["revisionId"], c: "d" },
  ]);
  const wrong = { messages: [{ data: btoa('{"a":"x"}') }, { data: btoa('{"a":1}') }] };
  const { error } = await call("POST", `${TOPIC}:publish`, wrong, 400);
  const { message, details } = error as { message: string; details: { reason: string; metadata: Json }[] };
  assert.equal(message, "Invalid data in message: Message failed schema validation.");
  assert.equal(details[0]!.reason, "INVALID_JSON_AVRO_MESSAGE");
  assert.match(
    String(details[0]!.metadata["revisionInfo"]),
    /JSON object with type number_integer does not match schema which expected string/,
  );
  await call("DELETE", `${schema}@${String(firstRevisionId)}:deleteRevision`);
  await refuse("POST", `${TOPIC}:publish`, { messages: [{ data: btoa('{"a":"x"}') }] }, 400);
  await call("DELETE", schema);
  assert.match(
    await refuse("POST", `${TOPIC}:publish`, { messages: [{ data: btoa("{}") }] }, 404),
    /Schema associated with topic deleted/,
  );
  assert.deepEqual(await pull(READER), []);
});
