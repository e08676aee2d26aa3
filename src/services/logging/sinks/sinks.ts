import { create } from "@bufbuild/protobuf";
import { type LogSink, LogSinkSchema } from "../../../gen/google/logging/v2/logging_config_pb.js";
import { DuplicateResourceError, type ResourceTable } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Principal } from "../../../wire/credentials/principal.ts";
import type { ServiceDeps } from "../../../wire/service-deps.ts";
import { DEFAULT_SINKS, defaultSink, isDefaultSink } from "./default-sinks.ts";
import { invalidSink, sinkExists, sinkIsFixed, sinkNotFound } from "./errors.ts";
import type { SinkPlace } from "./names.ts";
import type { SinkRouter } from "./router.ts";
import { changedSinkRow, changedWriter, isVisibleTo, newSinkRow, storedSink, writerIdentity } from "./sink.ts";
import { checkSinkId, validateSink } from "./validate.ts";

/** Sinks of a project, as many as Google allows (cloud.google.com/logging/quotas). */
export const MAX_SINKS = 200;

export interface SinksDeps extends Pick<ServiceDeps, "store" | "clock" | "ids"> {
  readonly table: ResourceTable;
  readonly router: SinkRouter;
}

/** The sinks of projects; what one service's agent made for its own purposes is not there for anybody else. */
export interface Sinks {
  create(place: SinkPlace, asked: LogSink, isUnique: boolean, principal: Principal): Promise<LogSink>;
  get(place: SinkPlace, principal: Principal): Promise<LogSink>;
  /** All of a project, by name. */
  list(project: string, principal: Principal): Promise<LogSink[]>;
  update(
    place: SinkPlace,
    change: (current: LogSink) => LogSink,
    isUnique: boolean,
    principal: Principal,
  ): Promise<LogSink>;
  delete(place: SinkPlace, principal: Principal): Promise<void>;
}

export function createSinks(deps: SinksDeps): Sinks {
  const { store, table, router } = deps;
  return {
    create: (place, asked, isUnique, principal) => createOne(deps, place, asked, isUnique, principal),
    async get(place, principal) {
      const stored = await find(deps, place, principal);
      if (stored) return stored.sink;
      if (!isDefaultSink(place.id)) throw sinkNotFound(place.id);
      return defaultSink(place.project, place.id);
    },
    async list(project, principal) {
      const rows = await table.list({ parent: `projects/${project}`, limit: MAX_SINKS });
      const visible = rows.map(storedSink).filter((stored) => isVisibleTo(stored, principal));
      const sinks = visible.map(({ sink }) => sink);
      const untouched = DEFAULT_SINKS.filter((id) => sinks.every(({ name }) => name !== id));
      return [...sinks, ...untouched.map((id) => defaultSink(project, id))].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    update: (place, change, isUnique, principal) =>
      store.transact((transaction) => updateOne(deps, transaction, place, change, isUnique, principal)),
    delete: (place, principal) =>
      store.transact(async (transaction) => {
        if (isDefaultSink(place.id)) throw sinkIsFixed(place.id, "deleted");
        if (!(await find(deps, place, principal, transaction))) throw sinkNotFound(place.id);
        await table.delete(transaction, place.name);
        await router.changed(transaction, place.project);
      }),
  };
}

async function createOne(
  deps: SinksDeps,
  place: SinkPlace,
  asked: LogSink,
  isUnique: boolean,
  principal: Principal,
): Promise<LogSink> {
  checkSinkId(place.id);
  validateSink(asked);
  const sink = create(LogSinkSchema, { ...asked, writerIdentity: writerIdentity(place.project, isUnique) });
  try {
    return await deps.store.transact(async (transaction) => {
      const present = await deps.table.list({ parent: `projects/${place.project}`, limit: MAX_SINKS }, transaction);
      if (present.length === MAX_SINKS) throw invalidSink("parent", `A project has at most ${MAX_SINKS} sinks.`);
      return insert(deps, transaction, place, sink, principal);
    });
  } catch (error) {
    throw error instanceof DuplicateResourceError ? sinkExists(place.id) : error;
  }
}

async function updateOne(
  deps: SinksDeps,
  transaction: StoreTransaction,
  place: SinkPlace,
  change: (current: LogSink) => LogSink,
  isUnique: boolean,
  principal: Principal,
): Promise<LogSink> {
  const { project, id } = place;
  if (id === "_Required") throw sinkIsFixed(id, "updated");
  const stored = await find(deps, place, principal, transaction);
  if (!stored && !isDefaultSink(id)) throw sinkNotFound(id);
  const current = stored?.sink ?? defaultSink(project, "_Default");
  const writer = changedWriter(current.writerIdentity, project, isUnique);
  const changed = create(LogSinkSchema, { ...change(current), name: id, writerIdentity: writer });
  if (isDefaultSink(id) && changed.destination !== current.destination) {
    throw invalidSink("sink.destination", `The destination of the ${id} sink cannot be changed.`);
  }
  validateSink(changed);
  if (!stored) return insert(deps, transaction, place, changed, principal);
  const row = await deps.table.update(transaction, changedSinkRow(stored, changed, deps.clock.nowMs()));
  await deps.router.changed(transaction, project);
  return storedSink(row).sink;
}

async function insert(
  { table, router, ids, clock }: SinksDeps,
  transaction: StoreTransaction,
  place: SinkPlace,
  sink: LogSink,
  principal: Principal,
): Promise<LogSink> {
  const row = newSinkRow(place, sink, { principal, uid: ids.uuid(), nowMs: clock.nowMs() });
  await table.insert(transaction, row);
  await router.changed(transaction, place.project);
  return storedSink(row).sink;
}

async function find({ table }: SinksDeps, place: SinkPlace, principal: Principal, transaction?: StoreTransaction) {
  const row = await table.get(place.name, transaction);
  const stored = row && storedSink(row);
  return stored && isVisibleTo(stored, principal) ? stored : undefined;
}
