import type { Clock } from "../../../platform/clock.ts";
import type { Ids } from "../../../platform/ids.ts";
import type { Log } from "../../../platform/log.ts";
import type { EventStore } from "../events/store.ts";
import type { LeasedMessage, MessageEngine } from "../messages/engine.ts";
import type { DeliveryAttempt } from "../push/delivery-attempt.ts";
import { decideFate, seeded } from "./decide.ts";
import { formatFaults, type Faults, parseFaults } from "./faults.ts";
import { HeldDeliveries } from "./held-deliveries.ts";
import { faultyDeliveries, type FaultState } from "./faulty-deliveries.ts";

/** The faults that were asked for, by subscription; they stay over restarts. */
export interface FaultService {
  /** Reads what was asked for before this process; once. */
  start(): Promise<void>;
  list(): readonly { readonly subscription: string; readonly faults: Faults }[];
  /** Replaces what was asked for, from the next delivery on. */
  set(subscription: string, faults: Faults): Promise<void>;
  /** What is held back still arrives. */
  clear(subscription: string): Promise<void>;
  /** The engine, whose deliveries have the faults. */
  wrap(engine: MessageEngine): MessageEngine;
}

interface Active {
  readonly faults: Faults;
  readonly fraction: () => number;
  left: number;
}

export interface FaultServiceDeps {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Hears of deliveries that did not arrive. */
  readonly observe: (attempt: DeliveryAttempt) => void;
}

export function createFaultService({ store, clock, ids, log, observe }: FaultServiceDeps): FaultService {
  const active = new Map<string, Active>();
  /** Of subscriptions that have or had faults. */
  const states = new Map<string, FaultState>();

  const nextFate = (subscription: string) => {
    const current = active.get(subscription);
    if (current === undefined || current.left <= 0) return undefined;
    current.left--;
    return decideFate(current.faults, current.fraction);
  };
  const newState = (subscription: string): FaultState => ({
    nextFate: () => nextFate(subscription),
    isActive: () => (active.get(subscription)?.left ?? 0) > 0,
    onDropped: (leased) => observe(droppedAttempt(subscription, leased, clock.nowMs())),
    held: new HeldDeliveries(),
    duplicates: 0,
  });
  const activate = (subscription: string, faults: Faults) => {
    const fraction = faults.seed === undefined ? ids.fraction : seeded(faults.seed);
    active.set(subscription, { faults, fraction, left: faults.count ?? Number.POSITIVE_INFINITY });
    if (!states.has(subscription)) states.set(subscription, newState(subscription));
  };
  const clear = async (subscription: string) => {
    active.delete(subscription);
    await store.clearFaults(subscription);
  };
  const forget = (subscription: string) => {
    if (!states.delete(subscription)) return;
    clear(subscription).catch((error: unknown) => log.error("faults could not be deleted", { subscription, error }));
  };

  return {
    async start() {
      for (const { subscription, faults } of await store.faults()) {
        activate(subscription, parseFaults(JSON.parse(faults)));
      }
    },
    list: () => [...active].map(([subscription, { faults }]) => ({ subscription, faults })),
    async set(subscription, faults) {
      await store.setFaults(subscription, JSON.stringify(formatFaults(faults)));
      activate(subscription, faults);
    },
    clear,
    wrap: (engine) => ({
      ...engine,
      deliveries: (name) => faultyDeliveries(engine.deliveries(name), () => states.get(name), clock),
      async subscriptionDeleted(transaction, name) {
        await engine.subscriptionDeleted(transaction, name);
        transaction.afterCommit(() => forget(name));
      },
    }),
  };
}

function droppedAttempt(subscription: string, leased: LeasedMessage, nowMs: number): DeliveryAttempt {
  return {
    subscription,
    leased,
    attempt: leased.deliveryAttempt,
    endpoint: "",
    startMs: nowMs,
    latencyMs: 0,
    outcome: "FAILED",
    status: undefined,
    detail: "dropped, as the subscription's faults ask for",
    traceId: undefined,
  };
}
