import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import type { Migration, Store } from "./store.ts";

/** A place where a store can be opened again and again; empty at first, removed when disposed. */
export interface StorePlace extends AsyncDisposable {
  open(): Promise<Store>;
}

interface Tables {
  things: {
    name: string;
    size: number | bigint;
    weight: number | null;
    big: number | boolean;
    content: Uint8Array | null;
  };
  parts: { thing: string; part: string };
}

const migrations: readonly Migration[] = [
  {
    name: "001-things",
    async up(database) {
      await database.schema
        .createTable("things")
        .addColumn("name", "text", (column) => column.primaryKey().notNull())
        .addColumn("size", "bigint", (column) => column.notNull())
        .addColumn("weight", "real")
        .addColumn("big", "integer", (column) => column.notNull().defaultTo(0))
        .addColumn("content", "blob")
        .execute();
      await database.schema
        .createTable("parts")
        .addColumn("thing", "text", (column) => column.notNull().references("things.name"))
        .addColumn("part", "text", (column) => column.notNull())
        .execute();
    },
  },
];

const thing = (name: string, size = 1) => ({ name, size, big: false, weight: null, content: null });

const names = async (store: Store) => {
  const found = await store.read<Tables>().selectFrom("things").select("name").orderBy("name").execute();
  return found.map(({ name }) => name);
};

const add = (store: Store, name: string, how: "transact" | "transactAside" | "transactRelaxed" = "transact") =>
  store[how]((transaction) => transaction.as<Tables>().insertInto("things").values(thing(name)).execute());

const promises: Readonly<Record<string, (store: Store, place: StorePlace) => Promise<void>>> = {
  "what a transaction wrote is there after it, and after the store was opened again": async (store, place) => {
    await add(store, "a");
    assert.deepEqual(await names(store), ["a"]);
    await store[Symbol.asyncDispose]();
    await using again = await place.open();
    assert.deepEqual(await names(again), ["a"]);
  },

  "transactions that do not wait for the disk are there as well, and wait for the others": async (store, place) => {
    const all = ["a", "b", "c", "d", "e", "f"];
    const ways = ["transact", "transactAside", "transactRelaxed"] as const;
    await Promise.all(all.map((name, index) => add(store, name, ways[index % ways.length])));
    await assert.rejects(add(store, "a", "transactRelaxed"));
    await store[Symbol.asyncDispose]();
    await using again = await place.open();
    assert.deepEqual(await names(again), all);
  },

  "a rejected transaction leaves nothing, and no notice": async (store) => {
    let noticed = 0;
    const failing = store.transact(async (transaction) => {
      transaction.afterCommit(() => noticed++);
      await transaction.as<Tables>().insertInto("things").values(thing("a")).execute();
      throw new Error("changed my mind");
    });
    await assert.rejects(failing, /changed my mind/);
    assert.deepEqual(await names(store), []);
    assert.equal(noticed, 0);
    await add(store, "b");
    assert.deepEqual(await names(store), ["b"]);
  },

  "a notice runs after the commit, before the caller goes on": async (store) => {
    const events: string[] = [];
    await store.transact(async (transaction) => {
      transaction.afterCommit(() => {
        events.push("notice");
        throw new Error("a failing notice must not look like a failed transaction");
      });
      await transaction.as<Tables>().insertInto("things").values(thing("a")).execute();
      events.push("body");
    });
    assert.deepEqual(events, ["body", "notice"]);
    assert.deepEqual(await names(store), ["a"]);
  },

  "concurrent transactions behave as if one ran after the other": async (store) => {
    await add(store, "counter");
    const raise = () =>
      store.transact(async (transaction) => {
        const query = transaction.as<Tables>();
        const row = await query.selectFrom("things").select("size").executeTakeFirstOrThrow();
        await new Promise((resolve) => setImmediate(resolve));
        await query
          .updateTable("things")
          .set({ size: Number(row.size) + 1 })
          .execute();
      });
    await Promise.all(Array.from({ length: 12 }, raise));
    const row = await store.read<Tables>().selectFrom("things").select("size").executeTakeFirstOrThrow();
    assert.equal(row.size, 13);
  },

  "a read inside a transaction does not hang and sees committed data only": async (store) => {
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        store.transact(async (transaction) => {
          await transaction
            .as<Tables>()
            .insertInto("things")
            .values(thing(`own-${index}`))
            .execute();
          assert.equal((await names(store)).includes(`own-${index}`), false);
        }),
      ),
    );
    assert.equal((await names(store)).length, 30);
  },

  "a transaction inside a transaction is refused instead of waiting for itself": async (store) => {
    await assert.rejects(
      store.transact(() => store.transact(async () => undefined)),
      /a transaction inside a transaction/,
    );
    const { promise: added, resolve } = Promise.withResolvers<unknown>();
    await store.transact(async (transaction) => transaction.afterCommit(() => resolve(add(store, "after"))));
    await add(store, "later");
    await added;
    assert.deepEqual(await names(store), ["after", "later"]);
  },

  "a failed statement loses the transaction even when its error is caught": async (store) => {
    await add(store, "a");
    const stubborn = store.transact(async (transaction) => {
      const query = transaction.as<Tables>();
      await query.insertInto("things").values(thing("b")).execute();
      await assert.rejects(query.insertInto("things").values(thing("a")).execute());
    });
    await assert.rejects(stubborn, /unique/i);
    assert.deepEqual(await names(store), ["a"]);
  },

  "a transaction kept beyond its end cannot write any more": async (store) => {
    const kept = await store.transact(async (transaction) => ({ query: transaction.as<Tables>() }));
    await assert.rejects(kept.query.insertInto("things").values(thing("late")).execute());
    assert.deepEqual(await names(store), []);
  },

  "reading cannot write": async (store) => {
    await assert.rejects(store.read<Tables>().insertInto("things").values(thing("a")).execute(), /read-?only/);
  },

  "a reference to nothing is refused": async (store) => {
    const dangling = store.transact((transaction) =>
      transaction.as<Tables>().insertInto("parts").values({ thing: "nothing", part: "p" }).execute(),
    );
    await assert.rejects(dangling, /foreign key/i);
  },

  "values come back as they were written": async (store) => {
    const content = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const values = { name: "ünïcode ✓ 'quoted'", size: Number.MAX_SAFE_INTEGER, big: true, weight: 0.1, content };
    await store.transact((transaction) => transaction.as<Tables>().insertInto("things").values(values).execute());
    const { content: read, ...rest } = await store
      .read<Tables>()
      .selectFrom("things")
      .selectAll()
      .executeTakeFirstOrThrow();
    assert.deepEqual(rest, { name: values.name, size: Number.MAX_SAFE_INTEGER, big: 1, weight: 0.1 });
    assert.deepEqual(Uint8Array.from(read ?? []), content);
  },

  "integers that a JavaScript number cannot hold are an error, not another number": async (store) => {
    const values = { ...thing("huge"), size: 2n ** 60n };
    await store.transact((transaction) => transaction.as<Tables>().insertInto("things").values(values).execute());
    await assert.rejects(store.read<Tables>().selectFrom("things").select("size").execute(), /too large|out of range/i);
  },

  "values that are no column's are refused": async (store) => {
    for (const value of [Number.NaN, new Date(0), { a: 1 }, ["a"]]) {
      const writing = store.transact((transaction) =>
        transaction
          .as<Tables>()
          .insertInto("things")
          .values({ ...thing("a"), weight: value as number })
          .execute(),
      );
      await assert.rejects(writing, /not a value of a column/);
    }
    assert.deepEqual(await names(store), []);
  },

  "counts, sums and comparisons are numbers": async (store) => {
    await add(store, "a");
    await add(store, "b");
    const row = await store
      .read<Tables>()
      .selectFrom("things")
      .select((columns) => [
        columns.fn.countAll<number>().as("count"),
        columns.fn.sum<number>("size").as("sum"),
        sql<number>`max(name) = 'b'`.as("same"),
      ])
      .executeTakeFirst();
    assert.deepEqual(row, { count: 2, sum: 2, same: 1 });
  },

  "text is ordered by its bytes, and LIKE minds the case": async (store) => {
    for (const name of ["b", "A", "a", "Z", "_", "a-b", "ab", "é"]) await add(store, name);
    assert.deepEqual(await names(store), ["A", "Z", "_", "a", "a-b", "ab", "b", "é"]);
    const like = store.read<Tables>().selectFrom("things").select("name").where("name", "like", "a%");
    assert.deepEqual(
      (await like.orderBy("name").execute()).map(({ name }) => name),
      ["a", "a-b", "ab"],
    );
  },

  "how many rows a statement touched is known": async (store) => {
    await add(store, "a");
    await store.transact(async (transaction) => {
      const query = transaction.as<Tables>();
      assert.equal((await query.updateTable("things").set({ size: 2 }).executeTakeFirst()).numUpdatedRows, 1n);
      assert.equal((await query.deleteFrom("things").where("name", "=", "x").executeTakeFirst()).numDeletedRows, 0n);
      const conflict = query
        .insertInto("things")
        .values(thing("a"))
        .onConflict((clause) => clause.doNothing());
      assert.equal((await conflict.executeTakeFirst()).numInsertedOrUpdatedRows, 0n);
      const returned = await query.updateTable("things").set({ size: 3 }).returning("size").execute();
      assert.deepEqual(returned, [{ size: 3 }]);
    });
  },

  "migrations run once, in order, per owner; a changed table is seen by queries made before": async (store) => {
    const everything = () =>
      store
        .read()
        .selectFrom("things" as never)
        .selectAll()
        .execute();
    await add(store, "a");
    await everything();
    const ran: string[] = [];
    const extra = (name: string): Migration => ({
      name,
      async up(database) {
        ran.push(name);
        await database.schema.alterTable("things").addColumn(`extra_${name}`, "text").execute();
      },
    });
    await store.migrate("extras", [extra("b"), extra("a")]);
    await store.migrate("extras", [extra("a"), extra("b"), extra("c")]);
    assert.deepEqual(ran, ["a", "b", "c"]);
    assert.deepEqual(
      (await everything()).map((row) => Object.keys(row).filter((column) => column.startsWith("extra_"))),
      [["extra_a", "extra_b", "extra_c"]],
    );
  },

  "a failed migration leaves nothing and runs again next time": async (store) => {
    let fail = true;
    const migration: Migration = {
      name: "001-halves",
      async up(database) {
        await database.schema.createTable("halves").addColumn("name", "text").execute();
        if (fail) throw new Error("power cut");
      },
    };
    await assert.rejects(store.migrate("halves", [migration]), /power cut/);
    fail = false;
    await store.migrate("halves", [migration]);
    assert.deepEqual(
      await store
        .read()
        .selectFrom("halves" as never)
        .selectAll()
        .execute(),
      [],
    );
  },

  "a store of a newer version is refused": async (store) => {
    await assert.rejects(store.migrate("things", []), /newer version: it has things migration 001-things/);
    await assert.rejects(store.migrate("others", [...migrations, ...migrations]), /two migrations of others/);
  },

  "two processes may migrate at the same time": async (store, place) => {
    await using other = await place.open();
    let ran = 0;
    const migration: Migration = { name: "001", up: async () => void ran++ };
    await Promise.all([store.migrate("shared", [migration]), other.migrate("shared", [migration])]);
    assert.equal(ran, 1);
  },

  "closing waits for the transactions under way and refuses later ones": async (store, place) => {
    const slow = store.transact(async (transaction) => {
      await new Promise((resolve) => setImmediate(resolve));
      await transaction.as<Tables>().insertInto("things").values(thing("slow")).execute();
    });
    await store[Symbol.asyncDispose]();
    await slow;
    await assert.rejects(add(store, "late"), /closed/);
    await using again = await place.open();
    assert.deepEqual(await names(again), ["slow"]);
  },
};

/** Registers a test for each promise of a store, whatever database is below; each gets a place of its own. */
export function storeSuite(label: string, makePlace: () => Promise<StorePlace>): void {
  for (const [promise, check] of Object.entries(promises)) {
    void test(`${label}: ${promise}`, async () => {
      await using place = await makePlace();
      await using store = await place.open();
      await store.migrate("things", migrations);
      await check(store, place);
    });
  }
}
