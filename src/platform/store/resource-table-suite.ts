import assert from "node:assert/strict";
import { test } from "node:test";
import { createResourceTable, resourceTableMigration } from "./create-resource-table.ts";
import {
  DuplicateResourceError,
  type ResourceQuery,
  type ResourceRow,
  type ResourceTable,
  StaleResourceError,
} from "./resource-table.ts";
import type { StorePlace } from "./store-suite.ts";
import type { Store } from "./store.ts";

interface House {
  readonly store: Store;
  readonly table: ResourceTable;
  insert(...rows: ResourceRow[]): Promise<void>;
  names(query: Omit<ResourceQuery, "limit"> & { limit?: number }): Promise<string[]>;
}

const LOCATION = "projects/p/locations/us-central1";

function row(id: string, createTimeMs = 0, parent = LOCATION): ResourceRow {
  const name = `${parent}/functions/${id}`;
  const times = { createTimeMs, updateTimeMs: createTimeMs };
  return { name, parent, uid: `uid-${id}`, generation: 1, version: 1, message: "{}", unfinished: true, ...times };
}

async function pages(table: ResourceTable, query: Omit<ResourceQuery, "limit">): Promise<string[][]> {
  const found: ResourceRow[][] = [];
  for (;;) {
    const last = found.at(-1)?.at(-1);
    const page = await table.list({ ...query, limit: 2, ...(last && { after: last }) });
    if (page.length === 0) return found.map((rows) => rows.map(({ name }) => name.split("/").at(-1) ?? ""));
    found.push(page);
  }
}

const promises: Readonly<Record<string, (house: House) => Promise<void>>> = {
  "a row comes back as it was inserted": async ({ table, insert }) => {
    const hello = { ...row("hello", 1_790_000_000_000), message: JSON.stringify({ state: "DEPLOYING" }) };
    await insert(hello);
    assert.deepEqual(await table.get(hello.name), hello);
    assert.equal(await table.get(`${hello.name}x`), undefined);
  },

  "a transaction reads what it wrote; others do not, until it has committed": async ({ store, table }) => {
    await store.transact(async (transaction) => {
      await table.insert(transaction, row("hello"));
      assert.equal((await table.get(row("hello").name, transaction))?.uid, "uid-hello");
      assert.equal((await table.list({ parent: LOCATION, limit: 9 }, transaction)).length, 1);
      assert.equal(await table.get(row("hello").name), undefined);
    });
    assert.equal((await table.get(row("hello").name))?.uid, "uid-hello");
  },

  "a name that exists is refused, and the transaction can go on": async ({ store, table, insert }) => {
    await insert(row("hello"));
    await store.transact(async (transaction) => {
      const duplicate = table.insert(transaction, { ...row("hello"), uid: "other" });
      await assert.rejects(duplicate, DuplicateResourceError);
      await table.insert(transaction, row("other"));
    });
    assert.equal((await table.get(row("hello").name))?.uid, "uid-hello");
    assert.equal((await table.get(row("other").name))?.uid, "uid-other");
  },

  "an update raises the version, and a stale one changes nothing": async ({ store, table, insert }) => {
    await insert(row("hello"));
    const change = { ...row("hello"), message: "[2]", generation: 2, unfinished: false, updateTimeMs: 5 };
    const updated = await store.transact((transaction) => table.update(transaction, change));
    assert.deepEqual(updated, { ...change, version: 2 });
    assert.deepEqual(await table.get(change.name), updated);
    const stale = store.transact((transaction) => table.update(transaction, { ...change, message: "[3]" }));
    await assert.rejects(stale, StaleResourceError);
    const absent = store.transact((transaction) => table.update(transaction, row("absent")));
    await assert.rejects(absent, StaleResourceError);
    assert.deepEqual(await table.get(change.name), updated);
  },

  "a delete says whether there was something to delete": async ({ store, table, insert }) => {
    await insert(row("hello"));
    const remove = () => store.transact((transaction) => table.delete(transaction, row("hello").name));
    assert.equal(await remove(), true);
    assert.equal(await remove(), false);
  },

  "a list holds one parent's rows, page by page, by name": async ({ table, insert }) => {
    await insert(...["c", "a", "e", "b", "d"].map((id) => row(id)));
    await insert(
      row("x", 0, `${LOCATION}0`),
      row("y", 0, `${LOCATION}/functions/a`),
      row("z", 0, "projects/q/locations/l"),
    );
    assert.deepEqual(await pages(table, { parent: LOCATION }), [["a", "b"], ["c", "d"], ["e"]]);
    assert.deepEqual(await pages(table, { parent: LOCATION, descending: true }), [["e", "d"], ["c", "b"], ["a"]]);
  },

  "a list by createTime keeps apart what was created in the same millisecond": async ({ table, insert }) => {
    await insert(row("old", 1), row("same-b", 2), row("same-a", 2), row("same-c", 2), row("new", 3));
    const query = { parent: LOCATION, orderBy: "createTime" } as const;
    assert.deepEqual(await pages(table, query), [["old", "same-a"], ["same-b", "same-c"], ["new"]]);
    assert.deepEqual(await pages(table, { ...query, descending: true }), [
      ["new", "same-c"],
      ["same-b", "same-a"],
      ["old"],
    ]);
    await assert.rejects(table.list({ ...query, limit: 1, after: { name: "n" } }), TypeError);
  },

  "a wildcard matches any one segment and nothing else": async ({ table, insert, names }) => {
    await insert(row("a"), row("b", 0, "projects/p/locations/europe-west1"), row("c", 0, "projects/p%/locations/l"));
    await insert(row("d", 0, "projects/p/locations/l/deeper/x"), row("e", 0, "projects/pp/locations/l"));
    await insert(row("f", 0, "projects/p_/locations/x_y"), row("g", 0, "projects/p_/locations/xzy"));
    const ids = async (parent: string) => (await names({ parent })).map((name) => name.split("/").at(-1));
    assert.deepEqual(await ids("projects/p/locations/-"), ["b", "a"]);
    assert.deepEqual(await ids("projects/p%/locations/-"), ["c"]);
    assert.deepEqual(await ids("projects/-/locations/l"), ["c", "e"]);
    assert.deepEqual(await ids("projects/-/locations/x_y"), ["f"]);
    assert.deepEqual(await ids("projects/-/locations/-"), ["c", "b", "a", "f", "g", "e"]);
    assert.deepEqual(await ids("projects/p/locations"), []);
    assert.deepEqual(await pages(table, { parent: "projects/-/locations/-" }), [
      ["c", "b"],
      ["a", "f"],
      ["g", "e"],
    ]);
  },

  "unfinished rows are found by the scan": async ({ table, insert }) => {
    await insert(row("a"), { ...row("b"), unfinished: false }, row("c"));
    assert.deepEqual((await table.unfinishedNames()).toSorted(), [row("a").name, row("c").name]);
  },
};

/** Registers a test for each promise of a resource table, on stores of the given kind. */
export function resourceTableSuite(label: string, makePlace: () => Promise<StorePlace>): void {
  for (const [promise, check] of Object.entries(promises)) {
    void test(`resource table on ${label}: ${promise}`, async () => {
      await using place = await makePlace();
      await using store = await place.open();
      await store.migrate("functions", [resourceTableMigration("001-functions", "functions")]);
      await check(makeHouse(store));
    });
  }
}

function makeHouse(store: Store): House {
  const table = createResourceTable(store, "functions");
  return {
    store,
    table,
    async insert(...rows) {
      await store.transact(async (transaction) => {
        for (const one of rows) await table.insert(transaction, one);
      });
    },
    names: async (query) => (await table.list({ limit: 100, ...query })).map(({ name }) => name),
  };
}
