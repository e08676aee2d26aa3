import assert from "node:assert/strict";
import { after, test } from "node:test";
import { until } from "../../../tests/support/until.ts";
import type { PublishRequest } from "../../gen/google/pubsub/v1/pubsub_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { type Log, silentLog } from "../../platform/log.ts";
import { createManualClock } from "../../platform/manual-clock.ts";
import { openStore } from "../../platform/store/open-store.ts";
import { startPostgres } from "../../platform/store/postgres-server.ts";
import { sqlitePlace } from "../../platform/store/sqlite-place.ts";
import type { Store } from "../../platform/store/store.ts";
import { createWakeups } from "../../platform/wakeups/create-wakeups.ts";
import { ApiError } from "../errors.ts";
import type { Clients } from "../in-process/client.ts";
import { createOutbox } from "./outbox.ts";
import { outboxMigration } from "./store.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const KIND = "test.outbox";

/** An outbox and what comes of it; `answer` may throw in the place of Pub/Sub. */
async function house(store: Store, isOptional = false) {
  await store.migrate("test", [outboxMigration("001-outbox", "outbox")]);
  const clock = createManualClock();
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warning: (message) => warnings.push(message) };
  const wakeups = await createWakeups(store, { clock, ids: randomIds, log: silentLog });
  const published: string[] = [];
  const state = { answer: (_texts: readonly string[]): void => {} };
  const publish = async ({ topic, messages }: PublishRequest) => {
    const texts = messages.map(({ data }) => `${topic} ${Buffer.from(data).toString()}`);
    state.answer(texts);
    published.push(...texts);
  };
  const clients = { of: () => ({ publish }) } as unknown as Clients;
  const outbox = createOutbox({ store, wakeups, clients, clock, log }, { table: "outbox", kind: KIND, isOptional });
  wakeups.start(outbox.reconcilers, []);
  const rows = () => store.read<{ outbox: { id: number } }>().selectFrom("outbox").select("id").execute();
  return {
    clock,
    state,
    published,
    warnings,
    wakeups,
    add: (topic: string, ...texts: readonly string[]) =>
      store.transact((transaction) =>
        outbox.add(
          transaction,
          texts.map((text) => ({ topic, agent: "agent", message: { data: Buffer.from(text) } })),
        ),
      ),
    empty: () => until(async () => (await rows()).length === 0),
    async [Symbol.asyncDispose]() {
      await outbox.stop();
      await wakeups[Symbol.asyncDispose]();
    },
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));
const unavailable = () => {
  throw new ApiError(Code.UNAVAILABLE, "not now");
};

const promises: Readonly<Record<string, (store: Store) => Promise<void>>> = {
  async "messages come in order, however many, and topics do not wait for each other"(store) {
    await using it = await house(store);
    it.state.answer = ([first]) => (first?.startsWith("stuck") ? unavailable() : undefined);
    await it.add("stuck", "0");
    await it.add("topic", ...numbers(230));
    await until(async () => it.published.length === 230);
    assert.deepEqual(
      it.published,
      numbers(230).map((number) => `topic ${number}`),
    );
    it.state.answer = () => {};
    it.clock.advance(60_000);
    await it.empty();
    assert.equal(it.published.at(-1), "stuck 0");
  },

  async "a message that Pub/Sub does not take costs no other one"(store) {
    await using it = await house(store);
    it.state.answer = (texts) => {
      if (texts.some((text) => text.endsWith("bad"))) throw new ApiError(Code.INVALID_ARGUMENT, "bad");
    };
    await it.add("topic", "1", "bad", "2");
    await it.empty();
    assert.deepEqual(it.published, ["topic 1", "topic 2"]);
    assert.equal(it.warnings.length, 1);
  },

  async "what cannot be published for a week is given up, and a topic that is not there at once"(store) {
    await using it = await house(store);
    it.state.answer = unavailable;
    await it.add("topic", "1");
    await it.wakeups.idle();
    it.clock.advance(8 * DAY_MS);
    await it.empty();
    it.state.answer = () => {
      throw new ApiError(Code.NOT_FOUND, "no topic");
    };
    await it.add("topic", "2");
    await it.empty();
    assert.deepEqual([it.published, it.warnings.length], [[], 2]);
  },

  async "topics that need not exist lose what is for them without a word"(store) {
    await using it = await house(store, true);
    it.state.answer = () => {
      throw new ApiError(Code.NOT_FOUND, "no topic");
    };
    await it.add("topic", "1");
    await it.empty();
    assert.deepEqual([it.published, it.warnings], [[], []]);
  },
};

for (const [promise, prove] of Object.entries(promises)) {
  test(`on SQLite ${promise}`, async () => {
    await using place = await sqlitePlace();
    await using store = await place.open();
    await prove(store);
  });
}

const postgres = await startPostgres();
if (postgres) {
  after(() => postgres[Symbol.asyncDispose]());
  test("on PostgreSQL messages come in order, too", async () => {
    const url = postgres.url("postgres");
    await using store = await openStore(url, { clock: systemClock, ids: randomIds, log: silentLog });
    await Object.values(promises)[0]!(store);
  });
} else console.warn("NOT RUN: outboxes on PostgreSQL, because the Debian package postgresql is not installed");
