import type { Clock } from "../../../platform/clock.ts";
import type { AckOutcome, Deliveries, LeasedMessage, LeaseLimits } from "../messages/engine.ts";
import type { Fate } from "./decide.ts";
import type { HeldDeliveries } from "./held-deliveries.ts";

/** Deliveries with faults are taken a few at a time: what is held back is not to be had by others. */
const MAX_BATCH = 100;
/** After which somebody notices that a delivery was lost. */
const DROPPED_SECONDS = 1;
const DUPLICATE = "duplicate:";

/** What the faults of one subscription do, and what they hold back. */
export interface FaultState {
  readonly isActive: () => boolean;
  /** The fate of the next delivery; undefined while there are no faults. */
  readonly nextFate: () => Fate | undefined;
  /** Hears of deliveries that do not arrive. */
  readonly onDropped: (leased: LeasedMessage) => void;
  readonly held: HeldDeliveries;
  duplicates: number;
}

/** Deliveries that arrive twice, late, in another order or not at all, as the state says; otherwise as they are. */
export function faultyDeliveries(inner: Deliveries, find: () => FaultState | undefined, clock: Clock): Deliveries {
  return {
    ...inner,
    async lease(limits, signal) {
      for (;;) {
        const before = find();
        const due = before?.held.takeDue(clock.nowMs(), limits.maxMessages) ?? [];
        if (due.length > 0) return due;
        const leased = await leaseUntilDue(inner, before, limits, { signal, clock });
        // They may have been asked for meanwhile.
        const state = find();
        const arrived = state === undefined ? leased : await suffer(inner, state, leased, { ...limits, clock });
        if (arrived.length > 0 || signal.aborted) return arrived;
      }
    },
    acknowledge: (ackIds) => ofOriginals(ackIds, (originals) => inner.acknowledge(originals)),
    modifyAckDeadline: (ackIds, seconds) =>
      ofOriginals(ackIds, (originals) => inner.modifyAckDeadline(originals, seconds)),
  };
}

/** Leases as long as nothing that is held back falls due. */
async function leaseUntilDue(
  inner: Deliveries,
  state: FaultState | undefined,
  limits: LeaseLimits,
  { signal, clock }: { readonly signal: AbortSignal; readonly clock: Clock },
): Promise<readonly LeasedMessage[]> {
  if (state?.isActive() !== true && state?.held.isEmpty !== false) return inner.lease(limits, signal);
  const few = { ...limits, maxMessages: Math.min(MAX_BATCH, limits.maxMessages) };
  const { nextDueMs } = state.held;
  if (nextDueMs === Number.POSITIVE_INFINITY) return inner.lease(few, signal);
  const due = new AbortController();
  using _timer = clock.after(Math.max(0, nextDueMs - clock.nowMs()), () => due.abort());
  return await inner.lease(few, AbortSignal.any([signal, due.signal]));
}

/** Those that arrive now. */
async function suffer(
  inner: Deliveries,
  state: FaultState,
  leased: readonly LeasedMessage[],
  { clock, ackDeadlineSeconds: seconds }: { readonly clock: Clock; readonly ackDeadlineSeconds: number },
): Promise<readonly LeasedMessage[]> {
  const arrived: LeasedMessage[] = [];
  for (const each of leased) {
    const fate = state.held.isFull ? undefined : state.nextFate();
    const { drop = false, duplicate = false, delayMs = 0 } = fate ?? {};
    const dueMs = clock.nowMs() + delayMs;
    const untilMs = dueMs + seconds * 1000;
    if (duplicate) state.held.hold(copyOf(each, `${DUPLICATE}${++state.duplicates}`), dueMs, untilMs);
    if (drop) {
      state.onDropped(each);
      await inner.modifyAckDeadline([each.ackId], DROPPED_SECONDS);
    } else if (delayMs > 0) {
      state.held.hold(each, dueMs, untilMs);
      await inner.modifyAckDeadline([each.ackId], Math.ceil(delayMs / 1000) + seconds);
    } else arrived.push(each);
  }
  return arrived;
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
