import type { Subscription } from "../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Surface } from "../../wire/service-module.ts";
import { createStorageService } from "./cloud-storage/storage-service.ts";
import { createSetState } from "./cloud-storage/write-state.ts";
import { withConsumers } from "./consumer-set.ts";
import type { Deps, PubsubDeps } from "./deps.ts";
import { createRecorder } from "./events/recorder.ts";
import { createEventStore } from "./events/store.ts";
import { eventsSurface } from "./events/surface.ts";
import { createFaultService } from "./faults/fault-service.ts";
import type { MessageEngine } from "./messages/engine.ts";
import { createIdTokens } from "./push/id-tokens.ts";
import { createPushService } from "./push/push-service.ts";
import type { ResourceTables } from "./resources/store.ts";
import { subscriptionOf } from "./resources/subscription.ts";

/** What Pub/Sub itself does with messages of subscriptions, and remembers of it. */
export interface Consumers {
  /** The engine for everybody else: it has the faults that were asked for, and tells of changes of subscriptions. */
  readonly engine: MessageEngine;
  readonly surface: Surface;
  /** Begins to push, once the engine has started. */
  start(): Promise<void>;
  /** Before the engine ends. */
  stop(): Promise<void>;
}

const PAGE = 500;

export function createConsumers(
  deps: PubsubDeps & Pick<Deps, "subscriptions" | "topics" | "schemaCache">,
  inner: MessageEngine,
): Consumers {
  const { access, clock, ids, log, outgoing, clients, subscriptions } = deps;
  const store = createEventStore(deps.store);
  const recorder = createRecorder({ store, clock, ids, log });
  const observe = recorder.record;
  const faults = createFaultService({ store, clock, ids, log, observe });
  const idTokens = createIdTokens(deps);
  const faulty = faults.wrap(inner);
  const { deliveries } = faulty;
  const sets = [
    createPushService({ outgoing, idTokens, clock, log, observe, deliveries }),
    createStorageService({ ...deps, deliveries, setState: createSetState(deps) }),
  ];
  const apiDeps = { access, outgoing, idTokens, clients, clock, ids, observe, recorder, faults, subscriptions };
  return {
    engine: withConsumers(faulty, sets),
    surface: eventsSurface(apiDeps),
    async start() {
      await faults.start();
      for await (const subscription of allSubscriptions(subscriptions)) {
        for (const set of sets) set.apply(subscription);
      }
    },
    async stop() {
      for (const set of sets) set.stop();
      await recorder.flush();
    },
  };
}

async function* allSubscriptions(table: ResourceTables["subscriptions"]): AsyncIterable<Subscription> {
  for (let after = ""; ;) {
    const rows = await table.list({ parent: "projects/-", limit: PAGE, ...(after && { after: { name: after } }) });
    for (const row of rows) yield subscriptionOf(row);
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.name;
  }
}
