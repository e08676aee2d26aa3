import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type { Log } from "../log.ts";
import type { Store, StoreTransaction } from "../store/store.ts";
import { createKeyedQueue, type KeyedQueue } from "./keyed-queue.ts";
import { wakeupMigrations, type WakeupRow, type WakeupRows, wakeupRows } from "./wakeup-rows.ts";
import type { Outcome, Reconcile, Scan, WakeupDriver } from "./wakeups.ts";

const PARALLEL_RUNS = 16;
const SCAN_EVERY_MS = 60_000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 60_000;

export interface WakeupDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Time between scans; 60 s unless told. */
  readonly scanEveryMs?: number;
}

/** Wake-ups kept in `store`, whose table it makes; one driver runs on a store at a time. */
export async function createWakeups(store: Store, deps: WakeupDeps): Promise<WakeupDriver> {
  await store.migrate("wakeups", wakeupMigrations);
  return new StoredWakeups(store, deps);
}

class StoredWakeups implements WakeupDriver {
  readonly #store: Store;
  readonly #rows: WakeupRows;
  readonly #deps: WakeupDeps;
  readonly #log: Log;
  readonly #scanEveryMs: number;
  readonly #stop = new AbortController();
  readonly #queues = new Map<string, KeyedQueue>();
  readonly #timers = new Map<string, Timer>();
  readonly #runs = new Map<string, Promise<void>>();
  // A run belongs to nobody's request, so it must not see the async context of whoever woke it.
  readonly #inOwnContext = AsyncLocalStorage.snapshot();
  #scanning: Promise<void> = Promise.resolve();
  #scanTimer: Disposable | undefined;

  constructor(store: Store, deps: WakeupDeps) {
    this.#store = store;
    this.#rows = wakeupRows(store);
    this.#deps = deps;
    this.#log = deps.log.child({ subsystem: "wakeups" });
    this.#scanEveryMs = deps.scanEveryMs ?? SCAN_EVERY_MS;
  }

  async wake(transaction: StoreTransaction, kind: string, key: string, dueMs?: number): Promise<void> {
    if (this.#started && !this.#queues.has(kind)) throw new Error(`nothing reconciles ${kind}`);
    const whenMs = Math.ceil(dueMs ?? this.#deps.clock.nowMs());
    await this.#rows.ask(transaction, kind, key, whenMs);
    transaction.afterCommit(() => this.#lookAt(kind, key, whenMs));
  }

  async wakeNow(kind: string, key: string): Promise<void> {
    await this.#store.transact((transaction) => this.wake(transaction, kind, key));
  }

  start(
    reconcilers: Readonly<Record<string, Reconcile>>,
    scans: readonly Scan[],
    parallelRuns: Readonly<Record<string, number>> = {},
  ): void {
    if (this.#started) throw new Error("the wake-ups run already");
    for (const [kind, reconcile] of Object.entries(reconcilers)) {
      const limit = parallelRuns[kind] ?? PARALLEL_RUNS;
      this.#queues.set(
        kind,
        createKeyedQueue(limit, (key) => this.#track(kind, key, this.#run(kind, key, reconcile))),
      );
    }
    const scan = () => (this.#scanning = this.#scanning.then(() => this.#scan(scans)));
    this.#scanTimer = this.#deps.clock.every(this.#scanEveryMs, () => void scan());
    void scan();
  }

  async idle(): Promise<void> {
    for (;;) {
      await this.#scanning;
      await Promise.all([...this.#queues.values()].map((queue) => queue.idle()));
      const due = await this.#rows.dueBy([...this.#queues.keys()], this.#deps.clock.nowMs());
      if (due.length === 0 || this.#stop.signal.aborted) return;
      for (const { kind, key } of due) this.#queues.get(kind)?.add(key);
    }
  }

  nextDueMs(): Promise<number | undefined> {
    return this.#rows.nextDueMs([...this.#queues.keys()], this.#deps.clock.nowMs());
  }

  async startDue(): Promise<readonly Promise<unknown>[]> {
    const due = await this.#rows.dueBy([...this.#queues.keys()], this.#deps.clock.nowMs());
    for (const { kind, key, due_time_ms } of due)
      if (!this.#runs.has(nameOf(kind, key))) this.#lookAt(kind, key, due_time_ms);
    return [...this.#runs.values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("the wake-ups stop"));
    this.#scanTimer?.[Symbol.dispose]();
    for (const timer of this.#timers.values()) timer.handle[Symbol.dispose]();
    this.#timers.clear();
    await Promise.all([this.#scanning, ...[...this.#queues.values()].map((queue) => queue.stop())]);
  }

  get #started(): boolean {
    return this.#scanTimer !== undefined;
  }

  #track(kind: string, key: string, run: Promise<void>): Promise<void> {
    const name = nameOf(kind, key);
    const tracked = run.finally(() => this.#runs.delete(name));
    this.#runs.set(name, tracked);
    return tracked;
  }

  /** One look at one key. Leaves the wake-up where it is when anything unforeseen happens. */
  async #run(kind: string, key: string, reconcile: Reconcile): Promise<void> {
    try {
      const row = await this.#rows.get(kind, key);
      if (!row) return;
      if (row.due_time_ms > this.#deps.clock.nowMs()) return this.#lookAt(kind, key, row.due_time_ms);
      const outcome = await this.#attempt(row, reconcile);
      if (outcome) await this.#record(row, outcome);
    } catch (error) {
      this.#log.error("A wake-up could not be read or written", { kind, key, error });
      this.#lookAt(kind, key, this.#deps.clock.nowMs() + LONGEST_RETRY_MS);
    }
  }

  /** What the run led to, its rejection as a retry; undefined when it was cut off by the stop. */
  async #attempt(row: WakeupRow, reconcile: Reconcile): Promise<Ended | undefined> {
    const { signal } = this.#stop;
    try {
      return { ...(await reconcile(row.key, signal)), attempts: 0 };
    } catch (error) {
      if (signal.aborted) return undefined;
      const attempts = row.attempts + 1;
      const retryInMs = retryDelayMs(attempts, this.#deps.ids.fraction());
      this.#log.error("A reconcile failed", { kind: row.kind, key: row.key, attempts, retryInMs, error });
      return { settled: false, retryInMs, attempts };
    }
  }

  async #record(row: WakeupRow, ended: Ended): Promise<void> {
    const { kind, key } = row;
    const dueMs = ended.settled ? 0 : Math.ceil(this.#deps.clock.nowMs() + ended.retryInMs);
    const unchanged = await (ended.settled ? this.#rows.finish(row) : this.#rows.putOff(row, dueMs, ended.attempts));
    if (!unchanged) this.#queues.get(kind)?.add(key);
    else if (!ended.settled) this.#lookAt(kind, key, dueMs);
  }

  /** Looks at a key when it is due; what is due after the scan after next is left to the scans. */
  #lookAt(kind: string, key: string, dueMs: number): void {
    const queue = this.#queues.get(kind);
    if (!queue || this.#stop.signal.aborted) return;
    const inMs = dueMs - this.#deps.clock.nowMs();
    if (inMs <= 0) this.#inOwnContext(() => queue.add(key));
    else if (inMs <= 2 * this.#scanEveryMs) this.#setTimer(kind, key, dueMs, inMs);
  }

  #setTimer(kind: string, key: string, dueMs: number, inMs: number): void {
    const name = nameOf(kind, key);
    const present = this.#timers.get(name);
    if (present && present.dueMs <= dueMs) return;
    present?.handle[Symbol.dispose]();
    const handle = this.#deps.clock.after(inMs, () => {
      this.#timers.delete(name);
      this.#queues.get(kind)?.add(key);
    });
    this.#timers.set(name, { dueMs, handle });
  }

  async #scan(scans: readonly Scan[]): Promise<void> {
    for (const scan of scans) {
      await this.#orLog(`A scan for unfinished ${scan.kind} failed`, async () => {
        await this.#rows.askMissing(scan.kind, await scan.keys(), this.#deps.clock.nowMs());
      });
    }
    await this.#orLog("Wake-ups could not be read", async () => {
      const untilMs = this.#deps.clock.nowMs() + 2 * this.#scanEveryMs;
      const due = await this.#rows.dueBy([...this.#queues.keys()], untilMs);
      for (const { kind, key, due_time_ms } of due) this.#lookAt(kind, key, due_time_ms);
    });
  }

  async #orLog(message: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#log.error(message, { error });
    }
  }
}

function nameOf(kind: string, key: string): string {
  return JSON.stringify([kind, key]);
}

interface Timer {
  readonly dueMs: number;
  readonly handle: Disposable;
}

type Ended = Outcome & { readonly attempts: number };

/** Doubles with every rejection up to a minute; the jitter takes off up to half. */
function retryDelayMs(attempts: number, fraction: number): number {
  return Math.ceil(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempts - 1)) * (1 - fraction / 2));
}
