import { type Queue, Queue_State } from "../../../gen/google/cloud/tasks/v2/queue_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { DispatchDeps } from "../deps.ts";
import { LIMITS } from "../limits.ts";
import { type QueueState, queueStateOf } from "../queues/queue.ts";
import { isOver } from "../tasks/is-over.ts";
import type { Cursor, TaskRow } from "../tasks/store.ts";
import type { ActivityLog } from "./activity-log.ts";
import { attempt, type AttemptOutcome } from "./attempt.ts";
import { type Bucket, type BucketRate, nextTokenMs, refilled } from "./bucket.ts";
import { begun, recordEnd } from "./record.ts";
import { afterAttempt, recovered, type Throttle, UNTHROTTLED } from "./throttle.ts";

/** Tasks read at once; each may have 100 KB. */
const READ_TOGETHER = 64;
/** Timers are set anew after this: Node's take no month. */
const LONGEST_TIMER_MS = 3_600_000;
const START: Cursor = { dueMs: -1, seq: -1 };
/** How long a store that does not take an outcome is left alone. */
const WRITE_AGAIN_MS = 1_000;

/** What a queue's dispatching needs beside the service's deps. */
export interface QueueLineDeps extends DispatchDeps {
  readonly activity: ActivityLog;
  /** Numbers planned attempts. */
  readonly nextNumber: () => number;
  /** Keeps the promise among the work under way until it is settled. */
  readonly track: (work: Promise<unknown>) => void;
  /** Aborts when the server stops. */
  readonly signal: AbortSignal;
  /** What to abort then, one by one: a signal with a thousand listeners is slow. */
  readonly attempts: Set<AbortController>;
}

/** Dispatches the tasks of one queue: when they are due, as fast as its rate limits let it. */
export class QueueLine {
  readonly #deps: QueueLineDeps;
  readonly #uid: string;
  #state: QueueState;
  #bucket: Bucket;
  #throttle: Throttle = UNTHROTTLED;
  /** Everything up to here is under way, or ended. */
  #cursor: Cursor = START;
  /** Tasks from their dispatch until what became of them is on disk. */
  readonly #under = new Map<string, TaskRow>();
  #running = 0;
  #pumping = false;
  #again = false;
  #timer: { readonly dueMs: number; readonly handle: Disposable } | undefined;
  #closed = false;

  constructor(deps: QueueLineDeps, row: ResourceRow) {
    this.#deps = deps;
    this.#uid = row.uid;
    this.#state = queueStateOf(row);
    this.#bucket = { tokens: this.#rate(deps.clock.nowMs()).burst, atMs: deps.clock.nowMs() };
  }

  get queue(): Queue {
    return this.#state.queue;
  }

  /** Goes on with a queue that was changed. */
  set(row: ResourceRow): void {
    this.#state = queueStateOf(row);
    this.pump();
  }

  /** Dispatches nothing more. */
  close(): void {
    this.#closed = true;
    this.#timer?.handle[Symbol.dispose]();
  }

  /** Hears of a task that is due at `dueMs`. */
  expect(dueMs: number): void {
    // What is being read now may be older than the task.
    if (dueMs <= this.#deps.clock.nowMs() || this.#pumping) this.pump();
    else if (!this.#timer || dueMs < this.#timer.dueMs) this.#wakeAt(dueMs);
  }

  /** The task as it is under way. */
  underWay(id: string): TaskRow | undefined {
    return this.#under.get(id);
  }

  /** Dispatches a task now, whatever the state and the limits of the queue; answers it as dispatched. */
  force(row: TaskRow): TaskRow {
    return this.#dispatch(this.#under.get(row.id) ?? row);
  }

  /** Dispatches what is due and fits. */
  pump(): void {
    this.#again = true;
    if (this.#pumping || this.#closed) return;
    this.#pumping = true;
    this.#deps.track(this.#pumpAll());
  }

  async #pumpAll(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      try {
        await this.#dispatchDue();
      } catch (error) {
        if (this.#closed) break;
        this.#deps.log.error("Tasks could not be read", { queue: this.queue.name, error });
        this.#wakeAt(this.#deps.clock.nowMs() + WRITE_AGAIN_MS);
      }
    }
    // In the same turn as the last look at #again: nobody asks in between.
    this.#pumping = false;
  }

  async #dispatchDue(): Promise<void> {
    const { clock, tasks } = this.#deps;
    while (this.queue.state === Queue_State.RUNNING && !this.#closed) {
      const nowMs = clock.nowMs();
      const rate = this.#rate(nowMs);
      this.#bucket = refilled(this.#bucket, rate, nowMs);
      const free = (this.queue.rateLimits?.maxConcurrentDispatches ?? 1) - this.#running;
      const room = Math.min(free, Math.floor(this.#bucket.tokens), READ_TOGETHER);
      // Where attempts are in the way, the next one that ends looks again.
      if (room < 1) return free < 1 ? undefined : this.#wakeAt(nowMs + nextTokenMs(this.#bucket, rate));
      if (this.#under.size === 0) this.#cursor = START;
      const { purgedBorn } = this.#state;
      const rows = await tasks.due(this.#uid, purgedBorn, this.#cursor, nowMs, room);
      if (rows.length === 0) return this.#wakeAt(await tasks.nextDueMs(this.#uid, purgedBorn, this.#cursor));
      for (const row of rows) this.#dispatchDueOne(row, nowMs);
    }
  }

  #dispatchDueOne(row: TaskRow, nowMs: number): void {
    if (this.#closed || this.queue.state !== Queue_State.RUNNING) return;
    this.#cursor = row;
    if (this.#under.has(row.id) || isOver(row, this.#state, nowMs)) return;
    this.#bucket = { ...this.#bucket, tokens: this.#bucket.tokens - 1 };
    this.#running++;
    this.#dispatch(row, () => this.#running--);
  }

  #dispatch(row: TaskRow, onResponse?: () => void): TaskRow {
    const dispatched = begun(row, this.#deps.clock.nowMs());
    this.#under.set(row.id, dispatched);
    this.#deps.activity.dispatched(this.queue, dispatched);
    this.#deps.track(this.#attempt(row, dispatched, onResponse));
    return dispatched;
  }

  async #attempt(row: TaskRow, dispatched: TaskRow, onResponse?: () => void): Promise<void> {
    const { clock, signal, attempts } = this.#deps;
    const cutOff = new AbortController();
    attempts.add(cutOff);
    try {
      const sinceMs = clock.nowMs();
      const outcome = await attempt(this.#deps, this.queue, row, cutOff.signal);
      attempts.delete(cutOff);
      onResponse?.();
      const nowMs = clock.nowMs();
      this.#throttle = afterAttempt(this.#throttle, outcome.code === Code.OK, outcome.httpStatus, nowMs);
      this.pump();
      await this.#record(dispatched, outcome, nowMs - sinceMs);
    } catch (error) {
      if (!signal.aborted) this.#deps.log.error("An attempt of a task ended without outcome", { task: row.id, error });
    } finally {
      attempts.delete(cutOff);
      if (this.#under.get(row.id) === dispatched) this.#under.delete(row.id);
    }
  }

  /** Until it is on disk: a task whose outcome is not written down would be neither ended nor tried again. */
  async #record(dispatched: TaskRow, outcome: AttemptOutcome, durationMs: number): Promise<void> {
    for (;;) {
      try {
        const retryMs = await recordEnd(this.#deps, this.queue, dispatched, outcome);
        this.#deps.activity.responded(this.queue, dispatched, { outcome, durationMs, retryMs });
        if (retryMs !== undefined) this.expect(retryMs);
        return;
      } catch (error) {
        if (this.#closed) throw error;
        this.#deps.log.error("The outcome of a task could not be written", { queue: this.queue.name, error });
        await this.#deps.clock.sleep(WRITE_AGAIN_MS, this.#deps.signal);
      }
    }
  }

  #rate(nowMs: number): BucketRate {
    this.#throttle = recovered(this.#throttle, nowMs);
    const { maxDispatchesPerSecond = LIMITS.dispatchesPerSecond, maxBurstSize = 1 } = this.queue.rateLimits ?? {};
    const { factor } = this.#throttle;
    return { perSecond: maxDispatchesPerSecond * factor, burst: Math.max(maxBurstSize * factor, 1) };
  }

  #wakeAt(dueMs: number | undefined): void {
    this.#timer?.handle[Symbol.dispose]();
    this.#timer = undefined;
    if (dueMs === undefined || this.#closed) return;
    const inMs = Math.min(Math.max(dueMs - this.#deps.clock.nowMs(), 0), LONGEST_TIMER_MS);
    const handle = this.#deps.clock.after(inMs, () => {
      this.#timer = undefined;
      this.pump();
    });
    this.#timer = { dueMs, handle };
  }
}
