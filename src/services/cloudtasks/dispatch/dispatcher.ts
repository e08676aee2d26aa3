import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { TimeDriven } from "../../../platform/test-clock.ts";
import type { DispatchDeps } from "../deps.ts";
import { LIMITS } from "../limits.ts";
import type { TaskRow } from "../tasks/store.ts";
import { tombstoneOf } from "../tasks/tombstone.ts";
import { createActivityLog } from "./activity-log.ts";
import { QueueLine, type QueueLineDeps } from "./queue-line.ts";

const SWEEP_EACH_MS = 60_000;

/**
 * Dispatches the tasks of all queues. Memory holds what is under way and nothing else: after a restart, tasks whose outcome
 * was not on disk are due again.
 */
export interface Dispatcher extends TimeDriven {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Numbers tasks and planned attempts, rising also over restarts. */
  nextNumber(): number;
  /** Hears of a queue that was created or changed. */
  setQueue(row: ResourceRow): void;
  deleteQueue(uid: string): void;
  /** Hears of a task that is on disk. */
  created(row: TaskRow): void;
  /** The task as it is under way; undefined when it is not. */
  underWay(queueUid: string, id: string): TaskRow | undefined;
  /** Dispatches a task at once, whatever the state and the limits of its queue; answers it as dispatched. */
  force(row: TaskRow): TaskRow;
}

/** A dispatcher that does nothing before its start. */
export function createDispatcher(given: DispatchDeps): Dispatcher {
  const lines = new Map<string, QueueLine>();
  const underWay = new Set<Promise<unknown>>();
  const stopping = new AbortController();
  let lastNumber = 0;
  let sweeping: Disposable | undefined;
  const nextNumber = () => (lastNumber = Math.max(lastNumber + 1, Math.floor(given.clock.nowMs() * 1000)));
  const track = (work: Promise<unknown>) => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };
  const activity = createActivityLog(given);
  const deps: QueueLineDeps = { ...given, activity, nextNumber, track, signal: stopping.signal, attempts: new Set() };

  function setQueue(row: ResourceRow): void {
    const line = lines.get(row.uid);
    if (line) return line.set(row);
    const opened = new QueueLine(deps, row);
    lines.set(row.uid, opened);
    opened.pump();
  }

  return {
    async start() {
      lastNumber = await deps.tasks.highestNumber();
      sweeping = deps.clock.every(SWEEP_EACH_MS, () => track(sweep(deps)));
      track(sweep(deps));
      const rows = await deps.queues.list({ parent: "projects/-/locations/-", limit: Number.MAX_SAFE_INTEGER });
      for (const row of rows) setQueue(row);
    },
    async stop() {
      sweeping?.[Symbol.dispose]();
      for (const line of lines.values()) line.close();
      const reason = new Error("the dispatcher stops");
      stopping.abort(reason);
      for (const attempt of deps.attempts) attempt.abort(reason);
      await Promise.all([...underWay, ...activity.work()]);
    },
    nextNumber,
    setQueue,
    deleteQueue(uid) {
      lines.get(uid)?.close();
      lines.delete(uid);
    },
    created(row) {
      const line = lines.get(row.queueUid);
      if (!line) return;
      activity.created(line.queue, row);
      line.expect(row.dueMs);
    },
    underWay: (queueUid, id) => lines.get(queueUid)?.underWay(id),
    force: (row) => lines.get(row.queueUid)?.force(row) ?? row,
    // Everything it waits for is a timer of the clock.
    nextDueMs: () => Promise.resolve(undefined),
    startDue: () => Promise.resolve([...underWay, ...activity.work()]),
  };
}

/** Forgets tasks that have lived their time, and names that can be used again. Never rejects. */
async function sweep(deps: QueueLineDeps): Promise<void> {
  const { store, tasks, tombstones, clock, log, signal } = deps;
  try {
    const nowMs = clock.nowMs();
    await store.transact((transaction) => tombstones.deleteExpired(transaction, nowMs));
    for (let more = true; more && !signal.aborted;) {
      const deleted = await store.transact(async (transaction) => {
        const old = await tasks.deleteOld(transaction, nowMs - LIMITS.taskLifeMs);
        const names = old.named.map(({ queueUid, id }) => tombstoneOf(queueUid, id));
        await tombstones.put(transaction, names, nowMs + LIMITS.taskTombstoneMs);
        return old;
      });
      more = deleted.more;
    }
  } catch (error) {
    if (!signal.aborted) log.error("Old tasks could not be removed", { error });
  }
}
