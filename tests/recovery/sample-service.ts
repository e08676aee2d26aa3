import type { Store, StoreTransaction } from "../../src/platform/store/store.ts";
import type { Outcome, Reconcile, Wakeups } from "../../src/platform/wakeups/wakeups.ts";
import type { Process } from "./mortal-process.ts";

/** The effects of the sample, idempotent by id, as doubles that remember what was made. */
export interface SampleWorld {
  readonly images: Set<string>;
  readonly services: Map<string, string>;
}

export interface SampleTables {
  functions: { name: string; uid: string; generation: number; state: string; source: string; uri: string | null };
  operations: { name: string; target: string; generation: number; done: number; error: string | null };
}

/** One rule of long-running work that the sample can be told to break. */
export type BrokenRule =
  | "request in two transactions"
  | "knowledge kept in memory"
  | "ids not derived"
  | "finished in two transactions"
  | "finished without looking at the generation"
  | "wake-up deleted before the work"
  | "settled before the end";

const NAME = "projects/p/locations/l/functions/f";

/** A function that is built and then served, with its operation: the smallest service with all the rules in it. */
export async function createSampleTables(store: Store): Promise<void> {
  await store.migrate("sample", [
    {
      name: "001",
      async up(database) {
        const functions = database.schema
          .createTable("functions")
          .addColumn("name", "text", (name) => name.primaryKey());
        const withIntent = functions
          .addColumn("uid", "text")
          .addColumn("generation", "integer")
          .addColumn("source", "text");
        await withIntent.addColumn("state", "text").addColumn("uri", "text").execute();
        const operations = database.schema
          .createTable("operations")
          .addColumn("name", "text", (name) => name.primaryKey());
        const withTarget = operations.addColumn("target", "text").addColumn("generation", "integer");
        await withTarget.addColumn("done", "integer").addColumn("error", "text").execute();
      },
    },
  ]);
}

/** CreateFunction, by a client that takes ALREADY_EXISTS for the answer it missed. */
export async function createFunction(process: Process<SampleWorld>, broken?: BrokenRule): Promise<void> {
  const uid = process.ids.uuid();
  const present = await process.store.read<SampleTables>().selectFrom("functions").select("uid").executeTakeFirst();
  if (present) return;
  const start = (transaction: StoreTransaction) => startOperation(transaction, process.wakeups, "create", 1);
  await process.store.transact(async (transaction) => {
    const values = { name: NAME, uid, generation: 1, state: "DEPLOYING", source: "v1", uri: null };
    await transaction.as<SampleTables>().insertInto("functions").values(values).execute();
    if (broken !== "request in two transactions") await start(transaction);
  });
  if (broken === "request in two transactions") await process.store.transact(start);
}

/** UpdateFunction to other source code. */
export async function updateFunction({ store, wakeups }: Process<SampleWorld>): Promise<void> {
  await store.transact(async (transaction) => {
    const query = transaction.as<SampleTables>();
    const { generation } = await query.selectFrom("functions").select("generation").executeTakeFirstOrThrow();
    const change = { generation: generation + 1, state: "DEPLOYING", source: "v2" };
    await query.updateTable("functions").set(change).execute();
    const superseded = { done: 1, error: "superseded" };
    await query.updateTable("operations").set(superseded).where("done", "=", 0).execute();
    await startOperation(transaction, wakeups, "update", generation + 1);
  });
}

async function startOperation(
  transaction: StoreTransaction,
  wakeups: Wakeups,
  verb: string,
  generation: number,
): Promise<void> {
  const values = { name: `${verb}-${generation}`, target: NAME, generation, done: 0, error: null };
  await transaction.as<SampleTables>().insertInto("operations").values(values).execute();
  await wakeups.wake(transaction, "function", NAME);
}

/** The sample's reconciler, keeping every rule but the given one. */
export function sampleReconciler(process: Process<SampleWorld>, broken?: BrokenRule): Reconcile {
  const { store } = process;
  const effects = process.edges("effects", sampleEffects(process.world));
  const inOneGo = broken === "wake-up deleted before the work" || broken === "settled before the end";
  let builtImage: string | undefined;

  return async (key): Promise<Outcome> => {
    const read = store.read<SampleTables>().selectFrom("functions").selectAll().where("name", "=", key);
    const seen = await read.executeTakeFirst();
    if (!seen || !["DEPLOYING", "BUILT"].includes(seen.state)) return { settled: true };
    const id = broken === "ids not derived" ? process.ids.uuid() : `${seen.uid}-${seen.generation}`;
    if (broken === "wake-up deleted before the work") await deleteWakeup(store, key);
    if (broken === "settled before the end") await setState(store, key, "ACTIVE");
    if (seen.state === "DEPLOYING" && !inOneGo) {
      builtImage = await effects.ensureImage(id, seen.source);
      await setState(store, key, "BUILT", seen.generation);
      return { settled: false, retryInMs: 100 };
    }
    const image = broken === "knowledge kept in memory" ? `${builtImage}` : await effects.ensureImage(id, seen.source);
    const uri = await effects.ensureService(NAME, image);
    await finish(store, key, seen.generation, uri, broken);
    return { settled: true };
  };
}

function sampleEffects(world: SampleWorld) {
  return {
    async ensureImage(id: string, source: string): Promise<string> {
      world.images.add(id);
      return `image of ${source}`;
    },
    async ensureService(name: string, image: string): Promise<string> {
      world.services.set(name, image);
      return `https://f.test/`;
    },
  };
}

async function setState(store: Store, name: string, state: string, generation?: number): Promise<void> {
  await store.transact(async (transaction) => {
    const query = transaction.as<SampleTables>().updateTable("functions").set({ state }).where("name", "=", name);
    await (generation === undefined ? query : query.where("generation", "=", generation)).execute();
  });
}

async function finish(store: Store, name: string, generation: number, uri: string, broken?: BrokenRule): Promise<void> {
  const anyGeneration = broken === "finished without looking at the generation";
  const finishFunction = async (transaction: StoreTransaction) => {
    const query = transaction.as<SampleTables>().updateTable("functions").set({ state: "ACTIVE", uri });
    const named = query.where("name", "=", name);
    const result = await (anyGeneration ? named : named.where("generation", "=", generation)).executeTakeFirst();
    return result.numUpdatedRows > 0n;
  };
  const finishOperation = async (transaction: StoreTransaction) => {
    const query = transaction.as<SampleTables>().updateTable("operations").set({ done: 1 }).where("done", "=", 0);
    await (anyGeneration ? query : query.where("generation", "=", generation)).execute();
  };
  if (broken === "finished in two transactions") {
    await store.transact(finishFunction);
    await store.transact(finishOperation);
    return;
  }
  await store.transact(async (transaction) => {
    if (await finishFunction(transaction)) await finishOperation(transaction);
  });
}

async function deleteWakeup(store: Store, key: string): Promise<void> {
  await store.transact(async (transaction) => {
    await transaction.as<{ wakeups: { key: string } }>().deleteFrom("wakeups").where("key", "=", key).execute();
  });
}

/** Everything that the end of the sample consists of. */
export async function observeSample({ store, world }: Process<SampleWorld>): Promise<unknown> {
  const read = store.read<SampleTables>();
  return {
    functions: await read.selectFrom("functions").selectAll().execute(),
    operations: await read.selectFrom("operations").selectAll().orderBy("name").execute(),
    images: world.images.size,
    services: [...world.services],
  };
}
