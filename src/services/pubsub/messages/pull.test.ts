import assert from "node:assert/strict";
import { test } from "node:test";
import { bootApi } from "../../../../tests/support/boot-api.ts";
import { until } from "../../../../tests/support/until.ts";
import { createManualClock } from "../../../platform/manual-clock.ts";
import { pubsub } from "../module.ts";

type Json = Record<string, unknown>;

const TOPIC = "projects/demo/topics/news";
const SUBSCRIPTION = "projects/demo/subscriptions/reader";

interface Received {
  readonly ackId: string;
  readonly deliveryAttempt?: number;
  readonly message: { data: string; messageId: string; publishTime: string; orderingKey?: string; attributes?: Json };
}

/** A topic and a subscription of it. */
async function boot(subscription: Json = {}, options: { keepData?: boolean } = {}) {
  const clock = createManualClock();
  const api = await bootApi((deps) => [pubsub(deps)], { clock, ...options });
  const call = async (method: string, path: string, body?: Json, status = 200): Promise<Json> => {
    const answer = await api.json(method, `/v1/${path}`, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
  const refuse = async (path: string, body: Json, status = 400): Promise<string> =>
    ((await call("POST", path, body, status))["error"] as { message: string }).message;
  const publish = async (...texts: string[]) =>
    (await publishAll(texts.map((text) => ({ data: Buffer.from(text).toString("base64") }))))["messageIds"] as string[];
  const publishAll = (messages: Json[], topic = TOPIC) => call("POST", `${topic}:publish`, { messages });
  const pull = async (maxMessages = 100, name = SUBSCRIPTION): Promise<Received[]> => {
    const answer = await call("POST", `${name}:pull`, { maxMessages, returnImmediately: true });
    return (answer["receivedMessages"] ?? []) as Received[];
  };
  const ack = (...messages: Received[]) =>
    call("POST", `${SUBSCRIPTION}:acknowledge`, { ackIds: messages.map(({ ackId }) => ackId) });
  const nack = (...messages: Received[]) =>
    call("POST", `${SUBSCRIPTION}:modifyAckDeadline`, {
      ackIds: messages.map(({ ackId }) => ackId),
      ackDeadlineSeconds: 0,
    });
  await call("PUT", TOPIC, {});
  await call("PUT", SUBSCRIPTION, { topic: TOPIC, ...subscription });
  return { api, clock, call, refuse, publish, publishAll, pull, ack, nack };
}

const textsOf = (received: readonly Received[]) =>
  received.map(({ message }) => Buffer.from(message.data, "base64").toString());

test("messages are delivered with their ids and times, once while they are leased, and never after they are acknowledged", async () => {
  const { api, clock, publish, pull, ack } = await boot();
  await using _ = api;
  const ids = await publish("one", "two", "three");
  assert.equal(new Set(ids).size, 3);
  const [one, ...others] = await pull();
  assert.deepEqual(textsOf([one!, ...others]), ["one", "two", "three"]);
  assert.equal(one!.message.messageId, ids[0]);
  assert.equal(one!.message.publishTime, "2026-01-01T00:00:00Z");
  assert.equal(one!.deliveryAttempt, undefined);
  assert.deepEqual(await pull(), []);
  await ack(one!);
  clock.advance(11_000);
  assert.deepEqual(textsOf(await pull()), ["two", "three"]);
});

test("a pull waits for the first message", async () => {
  const { api, call, publish } = await boot();
  await using _ = api;
  const waiting = call("POST", `${SUBSCRIPTION}:pull`, { maxMessages: 1 });
  await publish("late");
  assert.deepEqual(textsOf((await waiting)["receivedMessages"] as Received[]), ["late"]);
});

test("a restart keeps messages, acknowledgements and positions", async () => {
  const deadLetterPolicy = { deadLetterTopic: TOPIC, maxDeliveryAttempts: 5 };
  const before = await boot({ deadLetterPolicy }, { keepData: true });
  await before.publish("one", "two", "three");
  const [, two, three] = await before.pull();
  await before.ack(two!);
  await before.nack(three!);
  assert.equal((await before.pull())[0]!.deliveryAttempt, 2);
  await before.api[Symbol.asyncDispose]();
  const { dataDir } = before.api;
  const again = await bootApi((deps) => [pubsub(deps)], { clock: createManualClock(), dataDir });
  await using _ = again;
  const answer = await again.json("POST", `/v1/${SUBSCRIPTION}:pull`, { maxMessages: 9 });
  const received = answer.body["receivedMessages"] as Received[];
  assert.deepEqual(textsOf(received), ["one", "three"], dataDir);
  assert.deepEqual(
    received.map(({ deliveryAttempt }) => deliveryAttempt),
    [1, 2],
  );
});

test("a negative acknowledgement brings a message back, with a retry policy after its back-off", async () => {
  const { api, clock, publish, pull, nack } = await boot({
    retryPolicy: { minimumBackoff: "2s", maximumBackoff: "5s" },
  });
  await using _ = api;
  await publish("again");
  for (const wait of [2000, 4000, 5000, 5000]) {
    const received = await pull();
    assert.equal(received.length, 1);
    await nack(...received);
    clock.advance(wait - 1);
    assert.deepEqual(await pull(), []);
    clock.advance(1);
  }
  assert.deepEqual(textsOf(await pull()), ["again"]);
});

test("messages of an ordering key come in order, and again from the one that failed on", async () => {
  const { api, publishAll, pull, ack, nack } = await boot({ enableMessageOrdering: true });
  await using _ = api;
  const keyed = (key: string, text: string) => ({ orderingKey: key, data: Buffer.from(text).toString("base64") });
  await publishAll(["1", "2", "3", "4"].map((text) => keyed("a", text)));
  const first = await pull(2);
  assert.deepEqual(textsOf(first), ["1", "2"]);
  assert.deepEqual(await pull(), []);
  await ack(first[0]!);
  await nack(first[1]!);
  const second = await pull();
  assert.deepEqual(textsOf(second), ["2", "3", "4"]);
  await nack(second[0]!);
  await ack(second[1]!, second[2]!);
  const third = await pull();
  assert.deepEqual(textsOf(third), ["2", "3", "4"]);
});

test("a message that fails too often goes to the dead letter topic with its origin", async () => {
  const { api, call, publish, pull, nack } = await boot();
  await using _ = api;
  await call("PUT", "projects/demo/topics/dead", {});
  await call("PUT", "projects/demo/subscriptions/undertaker", { topic: "projects/demo/topics/dead" });
  const deadLetterPolicy = { deadLetterTopic: "projects/demo/topics/dead", maxDeliveryAttempts: 5 };
  await call("PATCH", SUBSCRIPTION, { subscription: { deadLetterPolicy }, updateMask: "deadLetterPolicy" });
  await publish("cursed");
  for (let attempt = 1; attempt <= 5; attempt++) {
    const received = await pull();
    assert.equal(received[0]?.deliveryAttempt, attempt);
    await nack(...received);
  }
  const dead = await until(async () => {
    const received = await pull(1, "projects/demo/subscriptions/undertaker");
    return received.length > 0 && received[0]!;
  });
  assert.deepEqual(textsOf([dead]), ["cursed"]);
  assert.deepEqual(dead.message.attributes, {
    CloudPubSubDeadLetterSourceDeliveryCount: "5",
    CloudPubSubDeadLetterSourceSubscription: "reader",
    CloudPubSubDeadLetterSourceSubscriptionProject: "demo",
    CloudPubSubDeadLetterSourceTopicPublishTime: "2026-01-01T00:00:00.000Z",
  });
  assert.deepEqual(await pull(), []);
});

test("with exactly-once delivery late and foreign acknowledgements fail, each named", async () => {
  const { api, clock, call, publish, pull, ack } = await boot({ enableExactlyOnceDelivery: true });
  await using _ = api;
  await publish("once");
  const [late] = await pull();
  clock.advance(11_000);
  const [message] = await pull();
  const refused = await call("POST", `${SUBSCRIPTION}:acknowledge`, { ackIds: [late!.ackId, "forged"] }, 400);
  const { details } = refused["error"] as { details: Json[] };
  assert.deepEqual(details[0], {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    reason: "EXACTLY_ONCE_ACKID_FAILURE",
    domain: "pubsub.googleapis.com",
    metadata: {
      [late!.ackId]: "PERMANENT_FAILURE_INVALID_ACK_ID",
      forged: "PERMANENT_FAILURE_INVALID_ACK_ID",
    },
  });
  await ack(message!);
  await ack(message!);
  clock.advance(601_000);
  assert.deepEqual(await pull(), []);
});

test("forged ack ids and those of other subscriptions are refused; late ones are not", async () => {
  const { api, clock, call, refuse, publish, pull, ack } = await boot();
  await using _ = api;
  await call("PUT", "projects/demo/subscriptions/other", { topic: TOPIC });
  await publish("mine");
  const [mine] = await pull();
  const path = "projects/demo/subscriptions/other:acknowledge";
  const wording = `You have passed an invalid ack ID to the service (ack_id=${mine!.ackId}).`;
  assert.equal(await refuse(path, { ackIds: [mine!.ackId] }), wording);
  const forged = `${mine!.ackId.slice(0, -1)}${mine!.ackId.endsWith("A") ? "Q" : "A"}`;
  assert.match(await refuse(`${SUBSCRIPTION}:acknowledge`, { ackIds: [forged] }), /invalid ack ID/);
  clock.advance(11_000);
  await ack(mine!);
  assert.deepEqual(await pull(), []);
});

test("a filter acknowledges what does not match", async () => {
  const { api, publishAll, pull } = await boot({ filter: 'attributes.kind = "good"' });
  await using _ = api;
  const data = Buffer.from("x").toString("base64");
  await publishAll([{ data, attributes: { kind: "bad" } }, { data, attributes: { kind: "good" } }, { data }]);
  const received = await pull();
  assert.deepEqual(
    received.map(({ message }) => message.attributes),
    [{ kind: "good" }],
  );
});

test("a seek goes back in time as far as messages are retained, forward, and to snapshots", async () => {
  const { api, clock, call, publish, pull, ack } = await boot({ retainAckedMessages: true });
  await using _ = api;
  const seek = (body: Json) => call("POST", `${SUBSCRIPTION}:seek`, body);
  await publish("one");
  clock.advance(1000);
  const between = new Date(clock.nowMs()).toISOString();
  await publish("two", "three");
  const all = await pull();
  await ack(all[0]!, all[1]!);
  await call("PUT", "projects/demo/snapshots/then", { subscription: SUBSCRIPTION });
  await ack(all[2]!);
  clock.advance(20_000);
  assert.deepEqual(await pull(), []);
  await seek({ time: between });
  assert.deepEqual(textsOf(await pull()), ["two", "three"]);
  await seek({ snapshot: "projects/demo/snapshots/then" });
  assert.deepEqual(textsOf(await pull()), ["three"]);
  await seek({ time: "2020-01-01T00:00:00Z" });
  assert.deepEqual(textsOf(await pull()), ["one", "two", "three"]);
  await seek({ time: "2100-01-01T00:00:00Z" });
  assert.deepEqual(await pull(), []);
  await publish("four");
  assert.deepEqual(textsOf(await pull()), ["four"]);
});

test("messages that nobody acknowledges go after the subscription's retention, and not before", async () => {
  const { api, call, clock, publish, pull } = await boot({ messageRetentionDuration: "600s" });
  await using _ = api;
  await call("PUT", "projects/demo/subscriptions/patient", { topic: TOPIC });
  await publish("old");
  clock.advance(400_000);
  await publish("new");
  clock.advance(260_000);
  const left = await until(async () => {
    const texts = textsOf(await pull());
    clock.advance(11_000);
    return texts.length < 2 && texts;
  });
  assert.deepEqual(left, ["new"]);
  assert.deepEqual(textsOf(await pull(100, "projects/demo/subscriptions/patient")), ["old", "new"]);
});

test("a topic's retention brings back what was published before a subscription was there", async () => {
  const { api, call, clock, publish, pull, ack } = await boot();
  await using _ = api;
  await call("PATCH", TOPIC, { topic: { messageRetentionDuration: "3600s" }, updateMask: "messageRetentionDuration" });
  await publish("early");
  await ack(...(await pull()));
  // Longer than what was acknowledged is kept otherwise.
  clock.advance(120_000);
  await call("PUT", "projects/demo/subscriptions/late", { topic: TOPIC });
  assert.deepEqual(await pull(100, "projects/demo/subscriptions/late"), []);
  await call("POST", "projects/demo/subscriptions/late:seek", { time: "2026-01-01T00:00:00Z" });
  assert.deepEqual(textsOf(await pull(100, "projects/demo/subscriptions/late")), ["early"]);
});
