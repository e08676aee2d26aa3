import assert from "node:assert/strict";
import { test } from "node:test";
import { v1 } from "@google-cloud/pubsub";
import { credentials } from "@grpc/grpc-js";
import { type BootedApi, bootApi } from "../../../../../tests/support/boot-api.ts";
import { type Clock, systemClock } from "../../../../platform/clock.ts";
import { createManualClock } from "../../../../platform/manual-clock.ts";
import { pubsub } from "../../module.ts";

type Json = Record<string, unknown>;

const TOPIC = "projects/demo/topics/news";
const SUBSCRIPTION = "projects/demo/subscriptions/reader";
const [OK, INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, UNAVAILABLE] = [0, 3, 5, 9, 14];

interface Response {
  readonly receivedMessages: readonly { readonly ackId: string; readonly message: { readonly data: Buffer } }[];
  readonly acknowledgeConfirmation: { readonly ackIds: string[]; readonly invalidAckIds: string[] } | null;
  readonly modifyAckDeadlineConfirmation: { readonly ackIds: string[]; readonly invalidAckIds: string[] } | null;
  readonly subscriptionProperties: Json | null;
}

/** A topic, a subscription and the official client, without its conveniences. */
async function boot(subscription: Json = {}, clock: Clock = systemClock) {
  const api = await bootApi((deps) => [pubsub(deps)], { clock });
  const [host, port] = api.grpcAddress.split(":");
  const client = new v1.SubscriberClient({
    servicePath: host!,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
  });
  await client.initialize();
  await call(api, "PUT", TOPIC, {});
  await call(api, "PUT", SUBSCRIPTION, { topic: TOPIC, ...subscription });
  const publish = (...texts: string[]) =>
    call(api, "POST", `${TOPIC}:publish`, { messages: texts.map((text) => ({ data: btoa(text) })) });
  return {
    api,
    publish,
    call: (method: string, path: string, body?: Json) => call(api, method, path, body),
    open: (opening: Json = {}) => openStream(client, { streamAckDeadlineSeconds: 10, ...opening }),
    async [Symbol.asyncDispose]() {
      await client.close();
      await api[Symbol.asyncDispose]();
    },
  };
}

async function call(api: BootedApi, method: string, path: string, body?: Json): Promise<Json> {
  const answer = await api.json(method, `/v1/${path}`, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

/** One stream: its responses one after the other, and how it ends. */
function openStream(client: v1.SubscriberClient, opening: Json) {
  const stream = client.streamingPull();
  const responses: Response[] = [];
  let wake = () => {};
  const ended = new Promise<{ code: number; details: string }>((resolve) => {
    stream.on("error", (error: { code?: number; message: string }) => {
      resolve({ code: error.code ?? -1, details: error.message });
    });
    stream.on("end", () => resolve({ code: OK, details: "" }));
  });
  stream.on("data", (response: Response) => {
    responses.push(response);
    wake();
  });
  stream.write({ subscription: SUBSCRIPTION, ...opening });
  return {
    send: (request: Json) => void stream.write(request),
    async next(): Promise<Response> {
      while (responses.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return responses.shift()!;
    },
    /** The next response that holds messages. */
    async messages(): Promise<Response["receivedMessages"]> {
      for (;;) {
        const { receivedMessages } = await this.next();
        if (receivedMessages.length > 0) return receivedMessages;
      }
    },
    ended,
    async cancel() {
      stream.cancel();
      await ended;
    },
    end: () => stream.end(),
  };
}

const textsOf = (received: Response["receivedMessages"]) => received.map(({ message }) => message.data.toString());

test("a stream says what its subscription is, delivers what is published, and takes acknowledgements", async () => {
  await using server = await boot({ enableMessageOrdering: true });
  const stream = server.open();
  const { subscriptionProperties } = await stream.next();
  assert.deepEqual(subscriptionProperties, { exactlyOnceDeliveryEnabled: false, messageOrderingEnabled: true });
  await server.publish("one", "two");
  const [one, two] = await stream.messages();
  assert.deepEqual(textsOf([one!, two!]), ["one", "two"]);
  stream.send({ ackIds: [one!.ackId], modifyDeadlineAckIds: [two!.ackId], modifyDeadlineSeconds: [0] });
  assert.deepEqual(textsOf(await stream.messages()), ["two"]);
  stream.end();
  assert.equal((await stream.ended).code, OK);
});

test("with exactly-once delivery each acknowledgement is confirmed or refused by name", async () => {
  await using server = await boot({ enableExactlyOnceDelivery: true });
  const stream = server.open();
  await stream.next();
  await server.publish("once");
  const [once_] = await stream.messages();
  const { ackId } = once_!;
  stream.send({ modifyDeadlineAckIds: [ackId, "forged"], modifyDeadlineSeconds: [60, 60] });
  const modified = await stream.next();
  assert.deepEqual(modified.modifyAckDeadlineConfirmation?.ackIds, [ackId]);
  assert.deepEqual(modified.modifyAckDeadlineConfirmation?.invalidAckIds, ["forged"]);
  stream.send({ ackIds: [ackId, "forged"] });
  const confirmed = await stream.next();
  assert.deepEqual(confirmed.acknowledgeConfirmation?.ackIds, [ackId]);
  assert.deepEqual(confirmed.acknowledgeConfirmation?.invalidAckIds, ["forged"]);
  await stream.cancel();
});

test("a stream gets no more than it may hold, and more when it is done with some", async () => {
  await using server = await boot();
  await server.publish("1", "2", "3", "4", "5");
  const stream = server.open({ maxOutstandingMessages: 2 });
  const first = await stream.messages();
  assert.deepEqual(textsOf(first), ["1", "2"]);
  stream.send({ ackIds: [first[0]!.ackId] });
  assert.deepEqual(textsOf(await stream.messages()), ["3"]);
  const other = server.open({ maxOutstandingBytes: 1 });
  assert.deepEqual(textsOf(await other.messages()), ["4"]);
  await Promise.all([stream.cancel(), other.cancel()]);
});

test("messages are shared among streams", async () => {
  await using server = await boot();
  const streams = [server.open(), server.open()];
  for (const stream of streams) await stream.next();
  const received = Promise.all(streams.map((stream) => stream.messages()));
  await server.publish(...Array.from({ length: 40 }, (_, index) => `m${index}`));
  assert.deepEqual(
    (await received).map(({ length }) => length),
    [20, 20],
  );
  await Promise.all(streams.map((stream) => stream.cancel()));
});

test("requests that a stream does not take end it with INVALID_ARGUMENT", async () => {
  await using server = await boot();
  const bad: Json[] = [{ streamAckDeadlineSeconds: 9 }, { streamAckDeadlineSeconds: 601 }, { subscription: "reader" }];
  for (const opening of bad) assert.equal((await server.open(opening).ended).code, INVALID_ARGUMENT);
  const later: Json[] = [
    { maxOutstandingMessages: 5 },
    { subscription: SUBSCRIPTION },
    { clientId: "me" },
    { ackIds: ["forged"] },
    { modifyDeadlineAckIds: ["forged"], modifyDeadlineSeconds: [10] },
    { modifyDeadlineAckIds: ["forged"], modifyDeadlineSeconds: [] },
    { streamAckDeadlineSeconds: 5 },
  ];
  for (const request of later) {
    const stream = server.open();
    await stream.next();
    stream.send(request);
    const { code, details } = await stream.ended;
    assert.equal(code, INVALID_ARGUMENT, `${JSON.stringify(request)}: ${details}`);
  }
});

test("streams end as their subscription does", async () => {
  await using server = await boot();
  assert.equal((await server.open({ subscription: `${SUBSCRIPTION}s` }).ended).code, NOT_FOUND);
  const pushed = server.open();
  await pushed.next();
  await server.call("POST", `${SUBSCRIPTION}:modifyPushConfig`, {
    pushConfig: { pushEndpoint: "https://example.com/" },
  });
  assert.equal((await pushed.ended).code, FAILED_PRECONDITION);
  await server.call("POST", `${SUBSCRIPTION}:modifyPushConfig`, { pushConfig: {} });
  const deleted = server.open();
  await deleted.next();
  await server.call("DELETE", SUBSCRIPTION);
  assert.equal((await deleted.ended).code, NOT_FOUND);
  await server.call("PUT", SUBSCRIPTION, { topic: TOPIC });
  const detached = server.open();
  await detached.next();
  await server.call("POST", `${SUBSCRIPTION}:detach`);
  assert.equal((await detached.ended).code, FAILED_PRECONDITION);
});

test("a server that stops ends its streams with UNAVAILABLE", async () => {
  const server = await boot();
  const stream = server.open();
  await stream.next();
  await server[Symbol.asyncDispose]();
  assert.equal((await stream.ended).code, UNAVAILABLE);
});

test("what a consumer held that died is delivered again", async () => {
  const clock = createManualClock();
  await using server = await boot({ ackDeadlineSeconds: 10 }, clock);
  for (let batch = 0; batch < 20; batch++) {
    await server.publish(...Array.from({ length: 1000 }, (_, index) => `${batch}.${index}`));
  }
  const dying = server.open();
  for (let held = 0; held < 20_000;) held += (await dying.messages()).length;
  await dying.cancel();
  const heir = server.open();
  await heir.next();
  clock.advance(11_000);
  const seen = new Set<string>();
  while (seen.size < 20_000) for (const text of textsOf(await heir.messages())) seen.add(text);
  await heir.cancel();
});
