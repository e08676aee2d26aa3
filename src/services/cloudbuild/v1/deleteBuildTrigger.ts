import { CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { SUBSCRIPTION_KIND } from "../triggers/reconcile-subscription.ts";
import { readTrigger } from "../triggers/read-trigger.ts";

/** CloudBuild.DeleteBuildTrigger; its builds stay. */
export const deleteBuildTrigger = (deps: Pick<Deps, "store" | "triggers" | "projects" | "wakeups">): Rpc =>
  rpc(
    CloudBuild.method.deleteBuildTrigger,
    { permission: "cloudbuild.builds.update", audit: "ADMIN_WRITE" },
    async (request) => {
      const { row, trigger } = await readTrigger(request, deps);
      await deps.store.transact(async (transaction) => {
        await deps.triggers.remove(transaction, row.name);
        if (trigger.pubsubConfig) await deps.wakeups.wake(transaction, SUBSCRIPTION_KIND, row.name);
      });
      return {};
    },
  );
