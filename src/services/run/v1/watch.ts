import type { Change } from "../changes/change-log.ts";
import { watchedRowOf } from "../changes/watched-table.ts";
import type { RunContext } from "../context.ts";
import { every } from "../every.ts";
import type { Collection, KnativeObject } from "./collection.ts";
import type { ListOptions } from "./list-options.ts";
import type { V1Request } from "./request.ts";
import { resourceVersionOf, sequenceOf } from "./resource-version.ts";
import { asksForTable, tableOf } from "./tables.ts";
import { commitsOf } from "./watch-commits.ts";

/** Changes that are read at once. */
const BATCH = 100;
/** Pause between two bookmarks, ms: what API servers of Kubernetes keep. */
const BOOKMARK_MS = 60_000;

interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: object;
}

/**
 * A watch: one JSON line per event, for as long as the client and timeoutSeconds want. Without a resource version it
 * begins with what is there; with one that is too old its only event is the error 410. Kubernetes: API concepts, watch.
 */
export function watchCollection<Item>(
  context: RunContext,
  collection: Collection<Item>,
  at: V1Request,
  options: ListOptions,
): Response {
  // Read before the answer begins, so that what is no version is refused.
  const since = sinceOf(options);
  const lines = linesOf(eventsOf(context, collection, at, options, since));
  return new Response(ReadableStream.from(lines) as ReadableStream, {
    headers: { "content-type": "application/json", "cache-control": "no-cache, private" },
  });
}

/** The number of the change after which the watch begins; undefined for one that begins with what is there. */
function sinceOf({ resourceVersion, sendInitialEvents }: ListOptions): number | undefined {
  const isAny = resourceVersion === "" || resourceVersion === "0";
  const sequence = isAny ? undefined : sequenceOf(resourceVersion);
  return sendInitialEvents ? undefined : sequence;
}

async function* linesOf(events: AsyncIterable<WatchEvent>): AsyncIterable<Uint8Array> {
  for await (const event of events) yield Buffer.from(`${JSON.stringify(event)}\n`);
}

async function* eventsOf<Item>(
  context: RunContext,
  collection: Collection<Item>,
  at: V1Request,
  options: ListOptions,
  since: number | undefined,
): AsyncIterable<WatchEvent> {
  const { changes, clock } = context;
  const shown = (object: KnativeObject): object =>
    asksForTable(at.request) ? tableOf(collection, [object], at.url, {}) : object;
  const endMs = clock.nowMs() + options.timeoutSeconds * 1000;
  using commits = commitsOf(changes, clock, at.call.signal);
  let position = since ?? (await changes.newest());
  if (since === undefined) yield* presentEvents(context, collection, at, options, position, shown);
  let bookmarkMs = clock.nowMs() + BOOKMARK_MS;
  while (!at.call.signal.aborted) {
    const newest = await changes.newest();
    const batch = await changes.after(collection.table, position, BATCH);
    if (!batch) return void (yield expired(position));
    for (const change of batch) {
      const event = eventOf(collection, at, options, change);
      if (event) yield { ...event, object: shown(event.object) };
      position = change.sequence;
    }
    if (batch.length === BATCH) continue;
    // Changes of other tables count, too, or a quiet watch would fall behind.
    position = Math.max(position, newest);
    const isOver = clock.nowMs() >= endMs;
    if (options.allowWatchBookmarks && (isOver || clock.nowMs() >= bookmarkMs)) {
      yield bookmark(collection, position);
      bookmarkMs = clock.nowMs() + BOOKMARK_MS;
    }
    if (isOver) return;
    await commits.next(endMs - clock.nowMs());
  }
}

async function* presentEvents<Item>(
  context: RunContext,
  collection: Collection<Item>,
  at: V1Request,
  options: ListOptions,
  position: number,
  shown: (object: KnativeObject) => object,
): AsyncIterable<WatchEvent> {
  for await (const item of every(collection.listing(context), collection.parentOf(at))) {
    const object = collection.toKnative(item);
    if (options.selects(object)) yield { type: "ADDED", object: shown(object) };
  }
  if (options.sendInitialEvents && options.allowWatchBookmarks) {
    yield bookmark(collection, position, { annotations: { "k8s.io/initial-events-end": "true" } });
  }
}

/** What a change means to a client with these selectors: an object that begins or ceases to be selected comes or goes. */
function eventOf<Item>(
  { parentOf, itemOf, toKnative }: Collection<Item>,
  at: V1Request,
  { selects }: ListOptions,
  { type, row, before }: Change,
): { readonly type: Change["type"]; readonly object: KnativeObject } | undefined {
  if (!isBelow(row.parent, parentOf(at))) return undefined;
  const object = toKnative(itemOf(watchedRowOf(row)));
  const is = selects(object);
  if (type !== "MODIFIED") return is ? { type, object } : undefined;
  const was = before !== undefined && selects(toKnative(itemOf(watchedRowOf(before))));
  if (is) return { type: was ? "MODIFIED" : "ADDED", object };
  return was ? { type: "DELETED", object } : undefined;
}

function isBelow(name: string, parent: string): boolean {
  const [given, wanted] = [name.split("/"), parent.split("/")];
  return given.length === wanted.length && wanted.every((part, index) => part === "-" || part === given[index]);
}

function bookmark<Item>({ apiVersion, kind }: Collection<Item>, position: number, metadata = {}): WatchEvent {
  const resourceVersion = resourceVersionOf(position);
  return { type: "BOOKMARK", object: { apiVersion, kind, metadata: { resourceVersion, ...metadata } } };
}

function expired(position: number): WatchEvent {
  const message = `The resourceVersion for the provided watch is too old: ${resourceVersionOf(position)}`;
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure" };
  return { type: "ERROR", object: { ...status, message, reason: "Expired", code: 410 } };
}
