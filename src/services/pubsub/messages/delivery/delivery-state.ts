import type { AckOutcome } from "../engine.ts";
import type { AckMarks, KeptMarks } from "./ack-marks.ts";
import { createHeap } from "./heap.ts";
import { createOrdering } from "./ordering.ts";
import { createOwners, type Held } from "./owners.ts";
import type { DeliverySettings, Grant, Granted, GrantRequest, MessageSource, Outstanding, Status } from "./types.ts";

/** Deadlines are looked at this often at most, ms; a lease may last that much longer. */
const EXPIRY_STEP_MS = 100;
/** Acknowledgements of exactly-once subscriptions that may be repeated with the same answer. */
const MAX_RECENT_ACKS = 10_000;

/**
 * Who gets which message when: leases, extensions, expiry, back-off, ordering keys, dead letters. Pure: it knows no clock
 * and touches nothing; every time is an argument, ms, and does not run backwards.
 */
export interface DeliveryState {
  readonly outstanding: number;
  /** Hands out what may be delivered now, oldest first, those that come back before new ones. */
  grant(request: GrantRequest, source: MessageSource, nowMs: number): Granted;
  acknowledge(seq: number, lease: number, nowMs: number): AckOutcome;
  /** 0 seconds is a nack. */
  modifyDeadline(seq: number, lease: number, seconds: number, nowMs: number): AckOutcome;
  /** Takes back leases that ran out. */
  expire(nowMs: number): void;
  /** When something changes by itself next; undefined: never. */
  nextEventMs(): number | undefined;
  /** Messages that became dead letters since the last call; each waits for deadLetterDone. */
  takeDeadLetters(): readonly Outstanding[];
  /** A dead letter is acknowledged when it was forwarded; otherwise it is delivered again. */
  deadLetterDone(seq: number, wasForwarded: boolean, nowMs: number): void;
  /** What an owner holds that is neither acknowledged nor nacked nor expired. */
  heldBy(owner: string): Held;
  /** An owner is gone; what it holds stays leased until its deadline. */
  release(owner: string): void;
  configure(settings: DeliverySettings): void;
  /** New messages before `seq` turned out to be gone. */
  skipTo(seq: number): void;
  /** All messages before `seq` are gone. */
  dropBelow(seq: number): void;
  /** Marks become what was kept; all leases are void. */
  seek(kept: KeptMarks): void;
}

export interface DeliveryStart {
  readonly marks: AckMarks;
  readonly settings: DeliverySettings;
  /** Leases get numbers from here on. */
  readonly firstLease: number;
  /** Failed deliveries by message, from an earlier process; kept up to date for the next one. */
  readonly failures: Map<number, number>;
}

export function createDeliveryState({ marks, failures, ...start }: DeliveryStart): DeliveryState {
  let { settings } = start;
  let lease = start.firstLease;
  let oldestValidLease = 0;
  let position = marks.cursor;
  let earliestMs = Number.POSITIVE_INFINITY;
  const entries = new Map<number, Outstanding>();
  const ready = createHeap<Outstanding>();
  const delayed = createHeap<Outstanding>();
  const ordering = createOrdering();
  const owners = createOwners();
  const recentAcks = new Map<number, number>();
  let dead: Outstanding[] = [];

  /** The entry leaves its status; whoever calls gives it the next one. */
  function leave(entry: Outstanding): void {
    if (entry.status === "leased") owners.subtract(entry);
  }

  function forget(entry: Outstanding): void {
    leave(entry);
    entries.delete(entry.seq);
    failures.delete(entry.seq);
    if (entry.key !== "") ordering.remove(entry);
  }

  function lend(entry: Outstanding, request: GrantRequest, holder: string): Grant {
    entry.status = "leased";
    entry.lease = lease++;
    entry.deadlineMs = Math.ceil(request.deadlineMs / EXPIRY_STEP_MS) * EXPIRY_STEP_MS;
    entry.owner = request.owner;
    earliestMs = Math.min(earliestMs, entry.deadlineMs);
    owners.add(entry);
    if (entry.key !== "") ordering.leased(entry, holder);
    return { seq: entry.seq, lease: entry.lease, attempt: entry.failures + 1 };
  }

  function backoffMs(failed: number): number {
    if (!settings.backoff) return 0;
    const { minMs, maxMs } = settings.backoff;
    return Math.min(maxMs, minMs * 2 ** Math.min(failed - 1, 40));
  }

  /** A delivery was not acknowledged. */
  function fail(entry: Outstanding, nowMs: number): void {
    leave(entry);
    entry.failures++;
    failures.set(entry.seq, entry.failures);
    if (settings.maxDeliveryAttempts !== undefined && entry.failures >= settings.maxDeliveryAttempts) bury(entry);
    else comeBack(entry, nowMs);
  }

  function bury(entry: Outstanding): void {
    if (entry.key !== "") {
      // What was handed out after it comes back, and waits for the dead letter to be gone.
      ordering.takeBackAfter(entry).forEach(revoke);
    }
    entry.status = "dead";
    dead.push(entry);
  }

  function revoke(entry: Outstanding): void {
    leave(entry);
    entry.status = "held";
    entry.lease = 0;
  }

  function comeBack(entry: Outstanding, nowMs: number): void {
    const wait = backoffMs(entry.failures);
    if (entry.key !== "") {
      entry.status = "held";
      for (const each of ordering.takeBack(entry, wait && nowMs + wait)) if (each !== entry) revoke(each);
      entry.lease = 0;
    } else if (wait > 0) {
      entry.status = "delayed";
      delayed.push(nowMs + wait, entry);
    } else {
      entry.status = "ready";
      ready.push(entry.seq, entry);
    }
  }

  /** Heaps keep what was acknowledged or handed out meanwhile; this skips it. */
  function pop(heap: typeof ready, status: Status): Outstanding | undefined {
    for (let entry = heap.pop(); entry; entry = heap.pop()) {
      if (entry.status === status && entries.get(entry.seq) === entry) return entry;
    }
    return undefined;
  }

  function wake(nowMs: number): void {
    while ((delayed.peekRank() ?? Number.POSITIVE_INFINITY) <= nowMs) {
      const entry = delayed.pop()!;
      if (entry.status !== "delayed" || entries.get(entry.seq) !== entry) continue;
      entry.status = "ready";
      ready.push(entry.seq, entry);
    }
  }

  /** The next new message this owner may have; "missing" when it has to be read first, undefined when there is none. */
  function nextNew(source: MessageSource, holder: string): Outstanding | "missing" | undefined {
    while (position < source.end) {
      if (entries.size >= settings.maxOutstanding || ordering.waiting >= settings.maxHeldBack) return undefined;
      if (marks.has(position)) {
        position++;
        continue;
      }
      const facts = source.at(position);
      if (!facts) return "missing";
      position++;
      if (!facts.matches) {
        marks.add(facts.seq);
        continue;
      }
      const entry = newEntry(facts, settings.ordered, failures.get(facts.seq) ?? 0);
      entries.set(entry.seq, entry);
      if (entry.key === "" || ordering.isOpen(entry.key, holder)) return entry;
      ordering.hold(entry);
    }
    return undefined;
  }

  function next(source: MessageSource, holder: string, nowMs: number) {
    return pop(ready, "ready") ?? ordering.next(holder, nowMs) ?? nextNew(source, holder);
  }

  function expire(nowMs: number): void {
    if (nowMs < earliestMs) return;
    earliestMs = Number.POSITIVE_INFINITY;
    const over: Outstanding[] = [];
    for (const entry of entries.values()) {
      if (entry.status !== "leased") continue;
      if (entry.deadlineMs <= nowMs) over.push(entry);
      else earliestMs = Math.min(earliestMs, entry.deadlineMs);
    }
    // In order, for the first of a key takes the later ones with it.
    for (const entry of over.toSorted((one, other) => one.seq - other.seq)) {
      if (entry.status === "leased") fail(entry, nowMs);
    }
  }

  function acknowledged(seq: number, by: number): AckOutcome {
    if (settings.exactlyOnce) {
      recentAcks.set(seq, by);
      const [oldest] = recentAcks.keys();
      if (recentAcks.size > MAX_RECENT_ACKS && oldest !== undefined) recentAcks.delete(oldest);
    }
    const entry = entries.get(seq);
    if (entry) forget(entry);
    failures.delete(seq);
    marks.add(seq);
    return "done";
  }

  function clear(): void {
    entries.clear();
    ready.clear();
    delayed.clear();
    ordering.clear();
    recentAcks.clear();
    owners.clear();
    dead = [];
    earliestMs = Number.POSITIVE_INFINITY;
  }

  return {
    get outstanding() {
      return entries.size;
    },
    grant(request, source, nowMs) {
      expire(nowMs);
      wake(nowMs);
      const grants: Grant[] = [];
      // Without an owner a key is with this batch until all of it is acknowledged.
      const holder = request.owner ?? `batch ${lease}`;
      let bytes = 0;
      let entry: ReturnType<typeof next>;
      while (grants.length < request.maxMessages && bytes < request.maxBytes) {
        entry = next(source, holder, nowMs);
        if (entry === undefined || entry === "missing") break;
        bytes += entry.bytes;
        grants.push(lend(entry, request, holder));
      }
      if (request.owner === undefined) ordering.release(holder);
      return { grants, missing: entry === "missing" ? position : undefined };
    },
    acknowledge(seq, by, nowMs) {
      expire(nowMs);
      const entry = entries.get(seq);
      if (settings.exactlyOnce) {
        const isHeld = entry?.status === "leased" && entry.lease === by;
        return isHeld ? acknowledged(seq, by) : recentAcks.get(seq) === by ? "done" : "invalid";
      }
      if (by < oldestValidLease) return "invalid";
      // A message that comes back with its ordering key is delivered again even if somebody is done with it by now.
      if (entry && entry.key !== "" && (entry.status !== "leased" || entry.lease !== by)) return "invalid";
      if (entry?.status === "dead") return "invalid";
      return acknowledged(seq, by);
    },
    modifyDeadline(seq, by, seconds, nowMs) {
      expire(nowMs);
      const entry = entries.get(seq);
      if (entry?.status !== "leased" || entry.lease !== by) return "invalid";
      if (seconds === 0) {
        fail(entry, nowMs);
        return "done";
      }
      entry.deadlineMs = Math.ceil((nowMs + seconds * 1000) / EXPIRY_STEP_MS) * EXPIRY_STEP_MS;
      earliestMs = Math.min(earliestMs, entry.deadlineMs);
      return "done";
    },
    expire,
    nextEventMs() {
      const ms = Math.min(earliestMs, delayed.peekRank() ?? Infinity, ordering.nextDueMs() ?? Infinity);
      return Number.isFinite(ms) ? ms : undefined;
    },
    takeDeadLetters() {
      const taken = dead;
      dead = [];
      return taken;
    },
    deadLetterDone(seq, wasForwarded, nowMs) {
      const entry = entries.get(seq);
      if (entry?.status !== "dead") return;
      if (wasForwarded) acknowledged(seq, 0);
      else comeBack(entry, nowMs);
    },
    heldBy: owners.heldBy,
    release(owner) {
      owners.remove(owner);
      ordering.release(owner);
    },
    configure: (changed) => void (settings = changed),
    skipTo(seq) {
      for (; position < seq; position++) marks.add(position);
    },
    dropBelow(seq) {
      for (const entry of entries.values()) if (entry.seq < seq) forget(entry);
      for (const each of failures.keys()) if (each < seq) failures.delete(each);
      marks.addBelow(seq);
      position = Math.max(position, marks.cursor);
    },
    seek(kept) {
      clear();
      failures.clear();
      oldestValidLease = lease;
      marks.reset(kept);
      position = marks.cursor;
    },
  };
}

function newEntry(facts: { seq: number; bytes: number; key: string }, ordered: boolean, failures: number): Outstanding {
  const { seq, bytes } = facts;
  const key = ordered ? facts.key : "";
  return { seq, bytes, key, status: "held", failures, lease: 0, deadlineMs: 0, owner: undefined };
}
