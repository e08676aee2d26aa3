import type { AckOutcome } from "../engine.ts";
import type { AckMarks, KeptMarks } from "./ack-marks.ts";
import { backoffMs } from "./backoff.ts";
import { createHeap, type Heap } from "./heap.ts";
import { Ordering } from "./ordering.ts";
import { createOwners, type Held } from "./owners.ts";
import { RecentAcks } from "./recent-acks.ts";
import { newEntry } from "./types.ts";
import type { DeliverySettings, Grant, Granted, GrantRequest, MessageSource, Outstanding, Status } from "./types.ts";

/** Deadlines are looked at this often at most, ms; a lease may last that much longer. */
const EXPIRY_STEP_MS = 100;

/** What a delivery state begins with. */
export interface DeliveryStart {
  readonly marks: AckMarks;
  readonly settings: DeliverySettings;
  /** Leases get numbers from here on. */
  readonly firstLease: number;
  /** Failed deliveries by message, from an earlier process; kept up to date for the next one. */
  readonly failures: Map<number, number>;
}

/**
 * Who gets which message when: leases, extensions, expiry, back-off, ordering keys, dead letters. Pure: it knows no clock
 * and touches nothing; every time is an argument, ms, and does not run backwards.
 */
export class DeliveryState {
  readonly #marks: AckMarks;
  readonly #failures: Map<number, number>;
  readonly #entries = new Map<number, Outstanding>();
  readonly #ready = createHeap<Outstanding>();
  readonly #delayed = createHeap<Outstanding>();
  readonly #ordering = new Ordering();
  readonly #owners = createOwners();
  readonly #recentAcks = new RecentAcks();
  #settings: DeliverySettings;
  #lease: number;
  #oldestValidLease = 0;
  /** The first message that was not looked at yet. */
  #position: number;
  /** No lease runs out before. */
  #earliestMs = Number.POSITIVE_INFINITY;
  #dead: Outstanding[] = [];

  constructor({ marks, failures, settings, firstLease }: DeliveryStart) {
    this.#marks = marks;
    this.#failures = failures;
    this.#settings = settings;
    this.#lease = firstLease;
    this.#position = marks.cursor;
  }

  /** Messages that were looked at and are not acknowledged. */
  get outstanding(): number {
    return this.#entries.size;
  }

  /** Hands out what may be delivered now, oldest first, those that come back before new ones. */
  grant(request: GrantRequest, source: MessageSource, nowMs: number): Granted {
    this.expire(nowMs);
    this.#wake(nowMs);
    const grants: Grant[] = [];
    // Without an owner a key is with this batch until all of it is acknowledged.
    const holder = request.owner ?? `batch ${this.#lease}`;
    let bytes = 0;
    let entry: Outstanding | "missing" | undefined;
    while (grants.length < request.maxMessages && bytes < request.maxBytes) {
      entry = this.#pop(this.#ready, "ready") ?? this.#ordering.next(holder, nowMs) ?? this.#nextNew(source, holder);
      if (entry === undefined || entry === "missing") break;
      bytes += entry.bytes;
      grants.push(this.#lend(entry, request, holder));
    }
    return { grants, missing: entry === "missing" ? this.#position : undefined };
  }

  acknowledge(seq: number, by: number, nowMs: number): AckOutcome {
    this.expire(nowMs);
    const entry = this.#entries.get(seq);
    const isHeld = entry?.status === "leased" && entry.lease === by;
    if (this.#settings.exactlyOnce) {
      if (!isHeld) return this.#recentAcks.has(seq, by) ? "done" : "invalid";
      this.#recentAcks.add(seq, by);
      return this.#acknowledged(seq);
    }
    if (by < this.#oldestValidLease || entry?.status === "dead") return "invalid";
    // A message that comes back with its ordering key is delivered again even if somebody is done with it by now.
    if (entry && entry.key !== "" && !isHeld) return "invalid";
    return this.#acknowledged(seq);
  }

  /** 0 seconds is a nack. */
  modifyDeadline(seq: number, by: number, seconds: number, nowMs: number): AckOutcome {
    this.expire(nowMs);
    const entry = this.#entries.get(seq);
    if (entry?.status !== "leased" || entry.lease !== by) return "invalid";
    if (seconds === 0) this.#fail(entry, nowMs);
    else this.#setDeadline(entry, nowMs + seconds * 1000);
    return "done";
  }

  /** Takes back leases that ran out. */
  expire(nowMs: number): void {
    if (nowMs < this.#earliestMs) return;
    this.#earliestMs = Number.POSITIVE_INFINITY;
    const over: Outstanding[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.status !== "leased") continue;
      if (entry.deadlineMs <= nowMs) over.push(entry);
      else this.#earliestMs = Math.min(this.#earliestMs, entry.deadlineMs);
    }
    // In order, for the first of a key takes the later ones with it.
    for (const entry of over.toSorted((one, other) => one.seq - other.seq)) {
      if (entry.status === "leased") this.#fail(entry, nowMs);
    }
  }

  /** When something changes by itself next; undefined: never. */
  nextEventMs(): number | undefined {
    const dueMs = Math.min(this.#delayed.peekRank() ?? Infinity, this.#ordering.nextDueMs() ?? Infinity);
    const ms = Math.min(this.#earliestMs, dueMs);
    return Number.isFinite(ms) ? ms : undefined;
  }

  /** Messages that became dead letters since the last call; each waits for deadLetterDone. */
  takeDeadLetters(): readonly Outstanding[] {
    const taken = this.#dead;
    this.#dead = [];
    return taken;
  }

  /** A dead letter is acknowledged when it was forwarded; otherwise it is delivered again. */
  deadLetterDone(seq: number, wasForwarded: boolean, nowMs: number): void {
    const entry = this.#entries.get(seq);
    if (entry?.status !== "dead") return;
    if (wasForwarded) this.#acknowledged(seq);
    else this.#comeBack(entry, nowMs);
  }

  /** What an owner holds that is neither acknowledged nor nacked nor expired. */
  heldBy(owner: string): Held {
    return this.#owners.heldBy(owner);
  }

  /** An owner is gone; what it holds stays leased until its deadline. */
  release(owner: string): void {
    this.#owners.remove(owner);
  }

  configure(settings: DeliverySettings): void {
    this.#settings = settings;
  }

  /** New messages before `seq` turned out to be gone. */
  skipTo(seq: number): void {
    for (; this.#position < seq; this.#position++) this.#marks.add(this.#position);
  }

  /** All messages before `seq` are gone. */
  dropBelow(seq: number): void {
    for (const entry of this.#entries.values()) if (entry.seq < seq) this.#forget(entry);
    for (const each of this.#failures.keys()) if (each < seq) this.#failures.delete(each);
    this.#marks.addBelow(seq);
    this.#position = Math.max(this.#position, this.#marks.cursor);
  }

  /** Marks become what was kept; all leases are void. */
  seek(kept: KeptMarks): void {
    this.#entries.clear();
    this.#ready.clear();
    this.#delayed.clear();
    this.#ordering.clear();
    this.#recentAcks.clear();
    this.#owners.clear();
    this.#failures.clear();
    this.#dead = [];
    this.#earliestMs = Number.POSITIVE_INFINITY;
    this.#oldestValidLease = this.#lease;
    this.#marks.reset(kept);
    this.#position = this.#marks.cursor;
  }

  #lend(entry: Outstanding, { deadlineMs, owner }: GrantRequest, holder: string): Grant {
    entry.status = "leased";
    entry.lease = this.#lease++;
    entry.owner = owner;
    this.#setDeadline(entry, deadlineMs);
    this.#owners.add(entry);
    if (entry.key !== "") this.#ordering.leased(entry, holder);
    return { seq: entry.seq, lease: entry.lease, attempt: entry.failures + 1 };
  }

  #setDeadline(entry: Outstanding, ms: number): void {
    entry.deadlineMs = Math.ceil(ms / EXPIRY_STEP_MS) * EXPIRY_STEP_MS;
    this.#earliestMs = Math.min(this.#earliestMs, entry.deadlineMs);
  }

  #acknowledged(seq: number): AckOutcome {
    const entry = this.#entries.get(seq);
    if (entry) this.#forget(entry);
    this.#failures.delete(seq);
    this.#marks.add(seq);
    return "done";
  }

  #forget(entry: Outstanding): void {
    this.#leave(entry);
    this.#entries.delete(entry.seq);
    this.#failures.delete(entry.seq);
    if (entry.key !== "") this.#ordering.remove(entry);
  }

  /** The entry leaves its status; whoever calls gives it the next one. */
  #leave(entry: Outstanding): void {
    if (entry.status === "leased") this.#owners.subtract(entry);
  }

  /** A delivery was not acknowledged. */
  #fail(entry: Outstanding, nowMs: number): void {
    this.#leave(entry);
    entry.failures++;
    this.#failures.set(entry.seq, entry.failures);
    if (entry.failures >= (this.#settings.maxDeliveryAttempts ?? Infinity)) this.#bury(entry);
    else this.#comeBack(entry, nowMs);
  }

  #bury(entry: Outstanding): void {
    // What was handed out after it comes back, and waits for the dead letter to be gone.
    if (entry.key !== "") for (const each of this.#ordering.takeBackAfter(entry)) this.#revoke(each);
    entry.status = "dead";
    this.#dead.push(entry);
  }

  #comeBack(entry: Outstanding, nowMs: number): void {
    const wait = backoffMs(this.#settings, entry.failures);
    if (entry.key !== "") {
      entry.status = "held";
      entry.lease = 0;
      for (const each of this.#ordering.takeBack(entry, wait && nowMs + wait)) if (each !== entry) this.#revoke(each);
    } else if (wait > 0) {
      entry.status = "delayed";
      this.#delayed.push(nowMs + wait, entry);
    } else this.#makeReady(entry);
  }

  #revoke(entry: Outstanding): void {
    this.#leave(entry);
    entry.status = "held";
    entry.lease = 0;
  }

  #makeReady(entry: Outstanding): void {
    entry.status = "ready";
    this.#ready.push(entry.seq, entry);
  }

  #wake(nowMs: number): void {
    while ((this.#delayed.peekRank() ?? Number.POSITIVE_INFINITY) <= nowMs) {
      const entry = this.#delayed.pop()!;
      if (this.#isStill(entry, "delayed")) this.#makeReady(entry);
    }
  }

  /** Heaps keep what was acknowledged or handed out meanwhile; this skips it. */
  #pop(heap: Heap<Outstanding>, status: Status): Outstanding | undefined {
    for (let entry = heap.pop(); entry; entry = heap.pop()) if (this.#isStill(entry, status)) return entry;
    return undefined;
  }

  #isStill(entry: Outstanding, status: Status): boolean {
    return entry.status === status && this.#entries.get(entry.seq) === entry;
  }

  /** The next new message this holder may have; "missing" when it has to be read first, undefined when there is none. */
  #nextNew(source: MessageSource, holder: string): Outstanding | "missing" | undefined {
    const { maxOutstanding, maxHeldBack, ordered } = this.#settings;
    while (this.#position < source.end) {
      if (this.#entries.size >= maxOutstanding || this.#ordering.waiting >= maxHeldBack) return undefined;
      if (this.#marks.has(this.#position)) {
        this.#position++;
        continue;
      }
      const facts = source.at(this.#position);
      if (!facts) return "missing";
      this.#position++;
      if (!facts.matches) {
        this.#marks.add(facts.seq);
        continue;
      }
      const key = ordered ? facts.key : "";
      const entry = newEntry({ ...facts, key }, this.#failures.get(facts.seq) ?? 0);
      this.#entries.set(entry.seq, entry);
      if (key === "" || this.#ordering.isOpen(key, holder)) return entry;
      this.#ordering.hold(entry);
    }
    return undefined;
  }
}
