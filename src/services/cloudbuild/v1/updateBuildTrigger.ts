import { BuildTriggerSchema, CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { applyFieldMask } from "../../../wire/field-mask.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { SUBSCRIPTION_KIND } from "../triggers/reconcile-subscription.ts";
import { readTrigger } from "../triggers/read-trigger.ts";
import { rowWithTrigger, triggerOf, updatedTrigger } from "../triggers/trigger.ts";
import { triggerNameTaken, triggerNotFound } from "../triggers/trigger-name.ts";
import { validateTrigger } from "../triggers/validate.ts";

/** CloudBuild.UpdateBuildTrigger: the fields of the mask, or without one all that a client sets. */
export const updateBuildTrigger = (deps: Pick<Deps, "store" | "triggers" | "projects" | "clock" | "wakeups">): Rpc =>
  rpc(
    CloudBuild.method.updateBuildTrigger,
    { permission: "cloudbuild.builds.update", audit: "ADMIN_WRITE" },
    async ({ projectId, triggerId, trigger: given, updateMask }) => {
      const { row: found } = await readTrigger({ name: given!.resourceName, projectId, triggerId }, deps);
      return deps.store.transact(async (transaction) => {
        const row = await deps.triggers.get(found.name, transaction);
        if (!row) throw triggerNotFound(found.name);
        const patched = updateMask ? applyFieldMask(BuildTriggerSchema, triggerOf(row), given!, updateMask) : given!;
        validateTrigger(patched);
        const trigger = updatedTrigger(patched, row);
        await deps.triggers.update(transaction, rowWithTrigger(row, trigger, deps.clock.nowMs()));
        if (!(await deps.triggers.rename(transaction, row.parent, trigger.name, row.name)))
          throw triggerNameTaken(row.parent, trigger.name);
        const hasTopic = trigger.pubsubConfig ?? triggerOf(row).pubsubConfig;
        if (hasTopic) await deps.wakeups.wake(transaction, SUBSCRIPTION_KIND, row.name);
        return trigger;
      });
    },
  );
