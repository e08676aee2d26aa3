import { Eventarc } from "../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { notFound } from "../../wire/errors.ts";
import type { ServiceModule } from "../../wire/service-module.ts";
import { type Deps, type EventarcDeps, TRIGGER_KIND } from "./deps.ts";
import { createTables, migrations } from "./store.ts";
import { reconcileTrigger } from "./triggers/reconcile.ts";
import { createTrigger } from "./v1/createTrigger.ts";
import { deleteTrigger } from "./v1/deleteTrigger.ts";
import { getProvider } from "./v1/getProvider.ts";
import { getTrigger } from "./v1/getTrigger.ts";
import { listProviders } from "./v1/listProviders.ts";
import { listTriggers } from "./v1/listTriggers.ts";
import { updateTrigger } from "./v1/updateTrigger.ts";

/** eventarc.googleapis.com: triggers and what they carry events from and to. */
export function eventarc(given: EventarcDeps): ServiceModule {
  const deps: Deps = { ...given, log: given.log.child({ subsystem: "eventarc" }), ...createTables(given.store) };
  return {
    name: "eventarc",
    services: [Eventarc],
    rpcs: [
      createTrigger(deps),
      getTrigger(deps),
      listTriggers(deps),
      updateTrigger(deps),
      deleteTrigger(deps),
      listProviders(),
      getProvider(),
    ],
    mixinVersions: ["v1"],
    iamResources: [
      {
        pattern: /^projects\/[^/]+\/locations\/[^/]+\/triggers\/[^/]+$/,
        template: "projects/*/locations/*/triggers/*",
        async assertExists(resource) {
          if (!(await deps.triggers.get(resource))) throw notFound(resource);
        },
      },
    ],
    migrations,
    reconcilers: { [TRIGGER_KIND]: reconcileTrigger(deps) },
    scans: [{ kind: TRIGGER_KIND, keys: () => deps.triggers.unfinishedNames() }],
  };
}
