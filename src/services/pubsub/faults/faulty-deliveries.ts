import type { Clock } from "../../../platform/clock.ts";
import type { AckOutcome, Deliveries, LeasedMessage, LeaseLimits } from "../messages/engine.ts";
import { type Fate } from "./decide.ts";

/** Held deliveries beyond this many are not held, so that memory is bounded. */
const MAX_HELD = 1_000;
/** Deliveries with faults are taken a few at a time: what is held is not to be had by others. */
const MAX_BATCH = 100;
/** After which somebody notices that a delivery was lost. */
const DROPPED_SECONDS = 1;
const DUPLICATE = "duplicate:";

/** What the faults of one subscription have to remember. Lost with the process: then leases run out. */
export interface FaultState {
  /** The fate of the next delivery; undefined while there are no faults. */
  readonly nextFate: () => Fate | undefined;
  readonly isActive: () => boolean;
  /** Hears of deliveries that do not arrive. */
  readonly onDropped: (leased: LeasedMessage) => void;
  /** In no order. */
  readonly held: Held[];
  duplicates: number;
}

interface Held {
  readonly leased: LeasedMessage;
  readonly dueMs: number;
  /** Then its lease is over. */
  readonly untilMs: number;
}

/** Deliveries that arrive twice, late, in another order or not at all, as the state says; otherwise as they are. */
export function faultyDeliveries(inner: Deliveries, find: () => FaultState | undefined, clock: Clock): Deliveries {
  return {
    ...inner,
    async lease(limits, signal) {
      const state = find();
      if (state === undefined || (!state.isActive() && state.held.length === 0)) return inner.lease(limits, signal);
      return leaseWithFaults(inner, state, clock, limits, signal);
    },
    acknowledge: (ackIds) => ofOriginals(ackIds, (originals) => inner.acknowledge(originals)),
    modifyAckDeadline: (ackIds, seconds) =>
      ofOriginals(ackIds, (originals) => inner.modifyAckDeadline(originals, seconds)),
  };
}

async function leaseWithFaults(
  inner: Deliveries,
  state: FaultState,
  clock: Clock,
  limits: LeaseLimits,
  signal: AbortSignal,
): Promise<readonly LeasedMessage[]> {
  const takeDue = (maxMessages: number): LeasedMessage[] => {
    const nowMs = clock.nowMs();
    const due = state.held.filter(({ dueMs }) => dueMs <= nowMs).sort((one, other) => one.dueMs - other.dueMs);
    const taken = due.slice(0, maxMessages);
    for (const each of taken) state.held.splice(state.held.indexOf(each), 1);
    return taken.filter(({ untilMs }) => untilMs > nowMs).map(({ leased }) => leased);
  };

  /** Leases as long as nothing that is held falls due. */
  const leaseUntilDue = async (limits: LeaseLimits, signal: AbortSignal): Promise<readonly LeasedMessage[]> => {
    const nextMs = Math.min(...state.held.map(({ dueMs }) => dueMs));
    if (nextMs === Number.POSITIVE_INFINITY) return inner.lease(limits, signal);
    const due = new AbortController();
    using _timer = clock.after(Math.max(0, nextMs - clock.nowMs()), () => due.abort());
    return inner.lease(limits, AbortSignal.any([signal, due.signal]));
  };

  const suffer = async (leased: readonly LeasedMessage[], seconds: number): Promise<readonly LeasedMessage[]> => {
    const now: LeasedMessage[] = [];
    for (const each of leased) {
      const fate = state.nextFate();
      if (fate?.drop === true) {
        state.onDropped(each);
        await inner.modifyAckDeadline([each.ackId], DROPPED_SECONDS);
      } else if (fate === undefined) now.push(each);
      else if (!(await holdBack(each, fate, seconds))) now.push(each);
    }
    return now;
  };

  /** Whether the delivery itself waits; a copy of it always does. */
  const holdBack = async (leased: LeasedMessage, { duplicate, delayMs }: Fate, seconds: number): Promise<boolean> => {
    if (state.held.length >= MAX_HELD) return false;
    const dueMs = clock.nowMs() + delayMs;
    const untilMs = dueMs + seconds * 1000;
    if (duplicate) state.held.push({ leased: copyOf(leased, `${DUPLICATE}${++state.duplicates}`), dueMs, untilMs });
    if (delayMs === 0) return false;
    await inner.modifyAckDeadline([leased.ackId], Math.ceil(delayMs / 1000) + seconds);
    state.held.push({ leased, dueMs, untilMs });
    return true;
  };

  const { ackDeadlineSeconds, maxMessages } = limits;
  for (;;) {
    const due = takeDue(maxMessages);
    if (due.length > 0 || signal.aborted) return due;
    const few = { ...limits, maxMessages: Math.min(MAX_BATCH, maxMessages) };
    const now = await suffer(await leaseUntilDue(few, signal), ackDeadlineSeconds);
    if (now.length > 0) return now;
  }
}

/** What happens to a copy happens to nobody else. */
async function ofOriginals(
  ackIds: readonly string[],
  work: (originals: readonly string[]) => Promise<readonly AckOutcome[]>,
): Promise<readonly AckOutcome[]> {
  if (!ackIds.some((ackId) => ackId.startsWith(DUPLICATE))) return work(ackIds);
  const originals = ackIds.filter((ackId) => !ackId.startsWith(DUPLICATE));
  const outcomes = originals.length > 0 ? await work(originals) : [];
  let next = 0;
  return ackIds.map((ackId) => (ackId.startsWith(DUPLICATE) ? "done" : outcomes[next++]!));
}

/** Leased messages are decoded when they are looked at, and so is a copy. */
function copyOf(original: LeasedMessage, ackId: string): LeasedMessage {
  return {
    ackId,
    deliveryAttempt: original.deliveryAttempt,
    get message() {
      return original.message;
    },
    get encoded() {
      return original.encoded;
    },
  };
}
