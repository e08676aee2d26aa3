import { CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { subscriptionState } from "../triggers/reconcile-subscription.ts";
import { readTrigger } from "../triggers/read-trigger.ts";
import { checkedTrigger } from "../triggers/trigger.ts";

/** CloudBuild.GetBuildTrigger, by id or by the user's name. */
export const getBuildTrigger = (deps: Deps): Rpc =>
  rpc(
    CloudBuild.method.getBuildTrigger,
    { permission: "cloudbuild.builds.get", audit: "ADMIN_READ" },
    async (request) => {
      const { trigger } = await readTrigger(request, deps);
      if (!trigger.pubsubConfig) return trigger;
      return checkedTrigger(trigger, await subscriptionState(deps, trigger));
    },
  );
