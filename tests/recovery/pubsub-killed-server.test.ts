import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type RealServer, startRealServer } from "../support/real-server.ts";
import { SubscriptionRecord } from "./pubsub-checker.ts";

type Json = Record<string, unknown>;

const KILLS = 3;
const LONGEST_LIFE_MS = 2500;
const KEYS = 5;
const TOPIC = "projects/homerun-local/topics/hunted";
const SUBSCRIPTIONS: Readonly<Record<string, Json>> = {
  plain: {},
  once: { enableExactlyOnceDelivery: true },
  ordered: { enableMessageOrdering: true },
};

interface Received {
  readonly ackId: string;
  readonly message: { readonly messageId: string; readonly orderingKey: string };
}

describe("Pub/Sub on a server that is killed again and again", () => {
  let dataDir: string;
  let server: RealServer;
  const over = new AbortController();
  /** Ids of what the server has answered to be published. */
  const published = new Set<string>();
  const records = new Map(
    Object.entries(SUBSCRIPTIONS).map(([name, fields]) => [
      name,
      new SubscriptionRecord(name, fields["enableMessageOrdering"] === true),
    ]),
  );

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "homerun-hunted-"));
    server = await startRealServer({ dataDir, removeData: false });
    await call("PUT", TOPIC, {});
    for (const [name, fields] of Object.entries(SUBSCRIPTIONS)) {
      await call("PUT", nameOf(name), { topic: TOPIC, ackDeadlineSeconds: 10, ...fields });
    }
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  const nameOf = (subscription: string) => `projects/homerun-local/subscriptions/${subscription}`;

  async function call(method: string, path: string, body: Json): Promise<Json> {
    const answer = await server.json(method, `/pubsub/v1/${path}`, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  }

  /** Undefined when the server was killed meanwhile, or refuses. */
  const attempt = (path: string, body: Json) => call("POST", path, body).catch(() => undefined);

  /** Publishes to one key, one request after the other; what is not answered is published again. */
  async function publishTo(orderingKey: string): Promise<void> {
    for (let number = 0; !over.signal.aborted; number++) {
      const data = Buffer.from(`${orderingKey} ${number}`).toString("base64");
      const messages = Array.from({ length: 4 }, () => ({ data, orderingKey }));
      const answer = await attempt(`${TOPIC}:publish`, { messages });
      if (answer) for (const id of answer["messageIds"] as string[]) published.add(id);
      else await delay(20);
    }
  }

  async function pull(name: string): Promise<readonly Received[] | undefined> {
    const answer = await attempt(`${nameOf(name)}:pull`, { maxMessages: 50, returnImmediately: true });
    const received = answer && ((answer["receivedMessages"] ?? []) as Received[]);
    for (const { message } of received ?? []) records.get(name)!.deliver(message.messageId, message.orderingKey);
    return received;
  }

  async function acknowledge(name: string, received: readonly Received[]): Promise<void> {
    if (received.length === 0) return;
    const answer = await attempt(`${nameOf(name)}:acknowledge`, { ackIds: received.map(({ ackId }) => ackId) });
    // With a key whose order was broken by a nack, to be answered is not to be acknowledged.
    if (answer && name !== "ordered")
      for (const { message } of received) records.get(name)!.acknowledge(message.messageId);
  }

  /** Acknowledges most of what it gets, gives some back, and forgets some. */
  async function consume(name: string): Promise<void> {
    while (!over.signal.aborted) {
      const received = (await pull(name)) ?? [];
      const chances = received.map((each) => ({ each, chance: Math.random() }));
      const some = (from: number, to: number) =>
        chances.filter(({ chance }) => chance >= from && chance < to).map(({ each }) => each);
      await acknowledge(name, some(0, 0.8));
      const ackIds = some(0.8, 0.95).map(({ ackId }) => ackId);
      if (ackIds.length > 0) await attempt(`${nameOf(name)}:modifyAckDeadline`, { ackIds, ackDeadlineSeconds: 0 });
      if (received.length === 0) await delay(20);
    }
  }

  /** Acknowledges until all that was published has arrived. */
  async function drain(name: string): Promise<void> {
    const record = records.get(name)!;
    while (record.missing(published).length > 0) {
      const received = (await pull(name)) ?? [];
      await acknowledge(name, received);
      if (received.length === 0) await delay(100);
    }
  }

  test("everything published arrives, in order, and nothing that is acknowledged comes again", async () => {
    const keys = Array.from({ length: KEYS }, (_, index) => `key-${index}`);
    const names = Object.keys(SUBSCRIPTIONS);
    const work = [...keys.map(publishTo), ...names.map(consume)];
    for (let kill = 0; kill < KILLS; kill++) {
      await delay(500 + Math.random() * LONGEST_LIFE_MS);
      await server.kill();
      await server[Symbol.asyncDispose]();
      server = await startRealServer({ dataDir, removeData: false });
    }
    await delay(500);
    over.abort();
    await Promise.all(work);
    await Promise.all(names.map(drain));
    assert.ok(published.size > 100, `${published.size} messages`);
    assert.deepEqual(
      [...records.values()].flatMap(({ violations }) => violations),
      [],
    );
  });
});
