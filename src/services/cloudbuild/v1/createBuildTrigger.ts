import { CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { locationNamedBy } from "../resolve-name.ts";
import { SUBSCRIPTION_KIND } from "../triggers/reconcile-subscription.ts";
import { newTrigger, newTriggerRow } from "../triggers/trigger.ts";
import { triggerNameTaken } from "../triggers/trigger-name.ts";
import { validateTrigger } from "../triggers/validate.ts";

/** CloudBuild.CreateBuildTrigger; ALREADY_EXISTS when the location has a trigger of that name. */
export const createBuildTrigger = (
  deps: Pick<Deps, "store" | "triggers" | "projects" | "ids" | "clock" | "wakeups">,
): Rpc =>
  rpc(
    CloudBuild.method.createBuildTrigger,
    { permission: "cloudbuild.builds.create", audit: "ADMIN_WRITE" },
    async (request) => {
      const location = await locationNamedBy(request, deps.projects);
      const nowMs = deps.clock.nowMs();
      // The interceptors have checked that the required trigger is there.
      validateTrigger(request.trigger!);
      const trigger = newTrigger(request.trigger!, location, deps.ids.uuid(), nowMs);
      const row = newTriggerRow(trigger, nowMs);
      return deps.store.transact(async (transaction) => {
        await deps.triggers.insert(transaction, row);
        if (!(await deps.triggers.rename(transaction, row.parent, trigger.name, row.name)))
          throw triggerNameTaken(row.parent, trigger.name);
        if (trigger.pubsubConfig) await deps.wakeups.wake(transaction, SUBSCRIPTION_KIND, row.name);
        return trigger;
      });
    },
  );
