import type { Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import type { AckIds } from "./ack-ids.ts";
import type { Committer } from "./committer.ts";
import { DeliveryState } from "./delivery/delivery-state.ts";
import type { KeptMarks } from "./delivery/ack-marks.ts";
import type { Granted } from "./delivery/types.ts";
import type { AckOutcome, Deliveries, LeasedMessage, LeaseLimits } from "./engine.ts";
import { cannotStore, subscriptionDetached } from "./errors.ts";
import { createLeaseWaiters, type LeaseWaiters } from "./lease-waiters.ts";
import { LazyLeasedMessage } from "./leased-message.ts";
import { LogSource } from "./log-source.ts";
import { deliverySettings } from "./settings.ts";
import type { RowCache } from "./storage/row-cache.ts";
import type { MessageStore } from "./storage/store.ts";
import { loadSubscriptionMarks, type SubscriptionMarks } from "./subscription-marks.ts";
import type { TopicLog } from "./topic-log.ts";

export interface QueueDeps {
  readonly store: MessageStore;
  readonly committer: Committer;
  readonly cache: RowCache;
  readonly clock: Clock;
  readonly log: Log;
  readonly ackIds: (position: number) => AckIds;
  /** Leases are numbered from here; different in every process. */
  readonly firstLease: number;
  /** Messages were acknowledged. */
  readonly onAcknowledged: (log: TopicLog) => void;
  /** Publishes a dead letter; false when it could not be. */
  readonly forward: (subscription: Subscription, message: LeasedMessage) => Promise<boolean>;
}

/** Where a subscription stands. */
export interface Position {
  readonly id: number;
  readonly name: string;
  /** The first message published after it was created. */
  readonly firstSeq: number;
  readonly cursor: number;
  subscription: Subscription;
  lastUseMs: number;
}

interface Loaded {
  readonly saved: SubscriptionMarks;
  readonly state: DeliveryState;
}

/** Delivery of one subscription: the pure state, its clock, its disk and those that wait for messages. */
export class SubscriptionQueue implements Deliveries {
  readonly position: Position;
  readonly log: TopicLog;
  readonly #deps: QueueDeps;
  readonly #ackIds: AckIds;
  readonly #waiters: LeaseWaiters = createLeaseWaiters();
  readonly #source: LogSource;
  #loading: Promise<Loaded> | undefined;
  #loaded: Loaded | undefined;
  #isReading = false;
  #timer: { readonly atMs: number; readonly disposable: Disposable } | undefined;

  constructor(deps: QueueDeps, position: Position, log: TopicLog) {
    this.#deps = deps;
    this.position = position;
    this.log = log;
    this.#ackIds = deps.ackIds(position.id);
    this.#source = new LogSource(deps.cache, log, position.subscription);
  }

  async lease(limits: LeaseLimits, signal: AbortSignal): Promise<readonly LeasedMessage[]> {
    if (this.position.subscription.detached) throw subscriptionDetached();
    this.#use();
    const { state } = await this.#load();
    if (signal.aborted) return this.#materialize(state, await this.#leaseNow(state, limits));
    const leased = this.#waiters.wait(limits, signal);
    this.#pump(state);
    return this.#materialize(state, await leased);
  }

  async #leaseNow(state: DeliveryState, limits: LeaseLimits): Promise<Granted["grants"]> {
    for (;;) {
      const nowMs = this.#deps.clock.nowMs();
      const { grants, missing } = this.#grant(state, limits, Infinity, nowMs);
      this.#forwardDeadLetters(state);
      this.#setTimer(state, nowMs);
      if (grants.length > 0 || missing === undefined) return grants;
      const next = await this.#source.read(missing);
      if (next > missing) state.skipTo(next);
    }
  }

  async acknowledge(ackIds: readonly string[]): Promise<readonly AckOutcome[]> {
    const { saved, state } = await this.#load();
    const nowMs = this.#use();
    const outcomes = this.#ackIds.read(ackIds).map((target): AckOutcome => {
      return target ? state.acknowledge(target.seq, target.lease, nowMs) : "malformed";
    });
    // Before the disk: others get their turn meanwhile.
    this.#pump(state);
    await saved.save().catch((error: unknown) => {
      throw cannotStore(error);
    });
    this.#deps.onAcknowledged(this.log);
    return outcomes;
  }

  async modifyAckDeadline(ackIds: readonly string[], seconds: number): Promise<readonly AckOutcome[]> {
    const { saved, state } = await this.#load();
    const nowMs = this.#use();
    const outcomes = this.#ackIds.read(ackIds).map((target): AckOutcome => {
      return target ? state.modifyDeadline(target.seq, target.lease, seconds, nowMs) : "malformed";
    });
    this.#pump(state);
    if (seconds === 0) this.#saveLater(saved);
    return outcomes;
  }

  release(owner: string): void {
    this.#loaded?.state.release(owner);
  }

  /** There may be more to deliver. */
  published(): void {
    if (this.#loaded && this.#waiters.size > 0) this.#pump(this.#loaded.state);
  }

  /** The subscription changed. */
  configure(subscription: Subscription): void {
    this.position.subscription = subscription;
    this.#source.configure(subscription);
    this.#loaded?.state.configure(deliverySettings(subscription));
    if (this.#loaded) this.#pump(this.#loaded.state);
  }

  /** Acknowledgements become what they were elsewhere; resolves when that is durable. */
  async seek(kept: (now: KeptMarks) => Promise<KeptMarks>): Promise<void> {
    const { saved, state } = await this.#load();
    this.#use();
    state.seek(await kept(saved.marks.all()));
    this.#source.reset();
    this.#pump(state);
    await saved.save();
  }

  /** Messages before `seq` are kept no longer. */
  async dropBelow(seq: number): Promise<void> {
    const { saved, state } = await this.#load();
    if (saved.marks.cursor >= seq) return;
    state.dropBelow(seq);
    await saved.save();
  }

  async kept(): Promise<KeptMarks> {
    return (await this.#load()).saved.marks.all();
  }

  /** Everything below is acknowledged; as it was stored, before anything was loaded. */
  get cursor(): number {
    return this.#loaded?.saved.marks.cursor ?? this.position.cursor;
  }

  /** Messages that are not acknowledged. */
  async unacked(): Promise<number> {
    return (await this.#load()).saved.marks.unmarkedBelow(this.log.end);
  }

  /** Nothing is delivered any more: all who wait hear why. */
  end(error: unknown): void {
    this.#timer?.disposable[Symbol.dispose]();
    this.#timer = undefined;
    this.#waiters.end(error);
  }

  #use(): number {
    return (this.position.lastUseMs = this.#deps.clock.nowMs());
  }

  #load(): Promise<Loaded> {
    this.#loading ??= this.#readMarks();
    return this.#loading;
  }

  async #readMarks(): Promise<Loaded> {
    const { position } = this;
    const saved = await loadSubscriptionMarks({
      ...this.#deps,
      position,
      keepsFailures: () => position.subscription.deadLetterPolicy !== undefined,
      lastUseMs: () => position.lastUseMs,
    });
    const { marks, failures } = saved;
    const settings = deliverySettings(position.subscription);
    const state = new DeliveryState({ marks, failures, settings, firstLease: this.#deps.firstLease });
    return (this.#loaded = { saved, state });
  }

  /** Hands out what there is to those who wait, in turn. */
  #pump(state: DeliveryState): void {
    const nowMs = this.#deps.clock.nowMs();
    state.expire(nowMs);
    this.#forwardDeadLetters(state);
    if (!this.#isReading) {
      const missing = this.#waiters.serve((limits, share) => this.#grant(state, limits, share, nowMs), this.log.end);
      if (missing !== undefined) void this.#read(state, missing);
      // What was delivered last need not stay in memory for those who wait.
      else if (this.#waiters.size > 0) this.#source.reset();
    }
    this.#setTimer(state, nowMs);
  }

  #grant(state: DeliveryState, limits: LeaseLimits, share: number, nowMs: number): Granted {
    const held = limits.owner === undefined ? undefined : state.heldBy(limits.owner);
    const room = (limits.maxOutstandingMessages ?? Infinity) - (held?.messages ?? 0);
    const roomBytes = (limits.maxOutstandingBytes ?? Infinity) - (held?.bytes ?? 0);
    const request = {
      maxMessages: Math.min(limits.maxMessages, room, Math.max(1, share)),
      maxBytes: Math.min(limits.maxBytes, roomBytes),
      deadlineMs: nowMs + limits.ackDeadlineSeconds * 1000,
      owner: limits.owner,
    };
    return state.grant(request, this.#source, nowMs);
  }

  async #read(state: DeliveryState, seq: number): Promise<void> {
    this.#isReading = true;
    try {
      const next = await this.#source.read(seq);
      if (next > seq) state.skipTo(next);
    } catch (error) {
      this.#waiters.end(cannotStore(error));
    } finally {
      this.#isReading = false;
    }
    this.#pump(state);
  }

  async #materialize(state: DeliveryState, grants: Granted["grants"]): Promise<readonly LeasedMessage[]> {
    if (grants.length === 0) return [];
    const ackIds = this.#ackIds.make(grants);
    const messages: LeasedMessage[] = [];
    for (const [index, { seq, lease, attempt }] of grants.entries()) {
      const row = this.#source.find(seq) ?? (await this.#source.readOne(seq));
      if (!row) {
        // It was kept no longer.
        state.acknowledge(seq, lease, this.#deps.clock.nowMs());
        continue;
      }
      const { publishTimeMs } = row;
      const parts = { ackId: ackIds[index]!, deliveryAttempt: attempt, log: this.log.id, seq, publishTimeMs };
      messages.push(new LazyLeasedMessage({ ...parts, published: row.message(seq) }));
    }
    return messages;
  }

  #forwardDeadLetters(state: DeliveryState): void {
    for (const { seq, failures } of state.takeDeadLetters()) void this.#forward(state, seq, failures);
  }

  async #forward(state: DeliveryState, seq: number, failures: number): Promise<void> {
    const { subscription } = this.position;
    let wasForwarded = false;
    try {
      const row = this.#source.find(seq) ?? (await this.#source.readOne(seq));
      if (row) {
        const { publishTimeMs } = row;
        const parts = { ackId: "", deliveryAttempt: failures, log: this.log.id, seq, publishTimeMs };
        const message = new LazyLeasedMessage({ ...parts, published: row.message(seq) });
        wasForwarded = await this.#deps.forward(subscription, message);
      } else wasForwarded = true;
    } catch (error) {
      this.#deps.log.warning("a dead letter could not be forwarded", { subscription: subscription.name, error });
    }
    state.deadLetterDone(seq, wasForwarded, this.#deps.clock.nowMs());
    if (wasForwarded && this.#loaded) this.#saveLater(this.#loaded.saved);
    this.#pump(state);
  }

  #saveLater(saved: SubscriptionMarks): void {
    saved.save().catch((error: unknown) => {
      this.#deps.log.warning("the state of a subscription could not be stored", { name: this.position.name, error });
    });
  }

  #setTimer(state: DeliveryState, nowMs: number): void {
    const atMs = state.nextEventMs();
    if (this.#timer && atMs !== undefined && this.#timer.atMs <= atMs) return;
    this.#timer?.disposable[Symbol.dispose]();
    this.#timer = undefined;
    if (atMs === undefined) return;
    const disposable = this.#deps.clock.after(Math.max(1, atMs - nowMs), () => {
      this.#timer = undefined;
      this.#pump(state);
    });
    this.#timer = { atMs, disposable };
  }
}
