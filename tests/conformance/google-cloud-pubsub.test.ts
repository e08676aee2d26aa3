import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Message, PubSub, SchemaTypes, type Subscription } from "@google-cloud/pubsub";
import * as grpc from "@grpc/grpc-js";
import { pubsub } from "../../src/services/pubsub/module.ts";
import { type BootedApi, bootApi } from "../support/boot-api.ts";

const boot = () => bootApi((deps) => [pubsub(deps)]);

/** Sets a variable of the environment, where the client looks when it is made, and takes it back. */
function setVariable(name: string, value: string): Disposable {
  const before = process.env[name];
  process.env[name] = value;
  return {
    [Symbol.dispose]() {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    },
  };
}

/** The official client as its documentation says to point it at an emulator. */
function emulatorClient(api: BootedApi): PubSub {
  using _ = setVariable("PUBSUB_EMULATOR_HOST", api.grpcAddress);
  return new PubSub({ projectId: "demo" });
}

/** Messages as they come, until there are as many as expected; each is acknowledged, and that was taken. */
async function receive(subscription: Subscription, count: number): Promise<Message[]> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const received: Message[] = [];
  subscription.on("error", reject);
  subscription.on("message", (message: Message) => {
    received.push(message);
    message.ackWithResponse().catch(reject);
    if (received.length === count) resolve();
  });
  await promise;
  await subscription.close();
  return received;
}

test("@google-cloud/pubsub publishes and receives in order, exactly once, by a streaming pull", async () => {
  await using api = await boot();
  const client = emulatorClient(api);
  const [topic] = await client.createTopic("news");
  const [subscription] = await topic.createSubscription("reader", {
    enableMessageOrdering: true,
    enableExactlyOnceDelivery: true,
    filter: "attributes:kept",
  });
  topic.setPublishOptions({ messageOrdering: true });
  const texts = Array.from({ length: 50 }, (_each, index) => String(index));
  const publish = (text: string) =>
    topic.publishMessage({ data: Buffer.from(text), orderingKey: "key", attributes: { kept: "yes" } });
  const ids = await Promise.all([...texts.map(publish), topic.publishMessage({ json: { left: "out" } })]);
  const received = await receive(subscription, texts.length);
  assert.deepEqual(
    received.map(({ data }) => data.toString()),
    texts,
  );
  assert.deepEqual(
    received.map(({ id }) => id),
    ids.slice(0, -1),
  );
  await client.close();
});

test("@google-cloud/pubsub goes back to a snapshot and to a time, and detaches", async () => {
  await using api = await boot();
  const client = emulatorClient(api);
  const [topic] = await client.createTopic("news");
  const [subscription] = await topic.createSubscription("reader", { retainAckedMessages: true });
  const start = new Date();
  await topic.publishMessage({ data: Buffer.from("one") });
  const [snapshot] = await subscription.createSnapshot("before");
  const textOf = async () => (await receive(client.subscription("reader"), 1))[0]!.data.toString();
  assert.equal(await textOf(), "one");
  await snapshot.seek();
  assert.equal(await textOf(), "one");
  await subscription.seek(start);
  assert.equal(await textOf(), "one");
  const [snapshots] = await client.getSnapshots();
  assert.deepEqual(
    snapshots.map(({ name }) => name),
    ["projects/demo/snapshots/before"],
  );
  await client.detachSubscription("reader");
  assert.deepEqual(await subscription.detached(), [true]);
  const [attached] = await topic.getSubscriptions();
  assert.deepEqual(attached, []);
  await client.close();
});

test("@google-cloud/pubsub manages schemas, policies and metadata, and gets the codes of errors", async () => {
  await using api = await boot();
  const client = emulatorClient(api);
  const definition = JSON.stringify({ type: "record", name: "R", fields: [{ name: "a", type: "string" }] });
  const schema = await client.createSchema("record", SchemaTypes.Avro, definition);
  await assert.rejects(client.validateSchema({ type: SchemaTypes.Avro, definition: "{}" }), { code: 3 });
  assert.equal((await schema.get()).definition, definition);
  const schemaSettings = { schema: await schema.getName(), encoding: "JSON" } as const;
  const [topic] = await client.createTopic({ name: "records", schemaSettings });
  await topic.publishMessage({ json: { a: "b" } });
  await assert.rejects(topic.publishMessage({ json: { a: 1 } }), {
    code: 3,
    details: "Invalid data in message: Message failed schema validation.",
  });
  await topic.setMetadata({ labels: { team: "a" } });
  const [metadata] = await topic.getMetadata();
  assert.deepEqual([metadata.labels, metadata.name], [{ team: "a" }, "projects/demo/topics/records"]);
  const bindings = [{ role: "roles/pubsub.publisher", members: ["user:a@example.com"] }];
  await topic.iam.setPolicy({ bindings });
  const [policy] = await topic.iam.getPolicy();
  assert.deepEqual(
    policy.bindings?.map(({ role, members }) => ({ role, members })),
    bindings,
  );
  await assert.rejects(client.createTopic("records"), { code: 6 });
  await assert.rejects(client.topic("none").getMetadata(), { code: 5 });
  await assert.rejects(topic.createSubscription("bad", { ackDeadlineSeconds: 1 }), { code: 3 });
  await client.close();
});

test("@google-cloud/pubsub reaches Google's address through the proxy", async () => {
  await using api = await boot();
  using _ = setVariable("grpc_proxy", api.url);
  const sslCreds = grpc.credentials.createSsl(readFileSync(join(api.dataDir, "tls", "ca.pem")));
  const client = new PubSub({ projectId: "demo", sslCreds });
  const [topic] = await client.createTopic("news");
  const [subscription] = await topic.createSubscription("reader");
  await topic.publishMessage({ data: Buffer.from("hello") });
  const [message] = await receive(subscription, 1);
  assert.equal(message!.data.toString(), "hello");
  await client.close();
});
