import { Subscriber } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { changeSubscription } from "../resources/change-subscription.ts";
import { withVersion } from "../resources/defaults.ts";

/** Subscriber.ModifyPushConfig: pushes go elsewhere, begin, or, with an empty configuration, end. */
export const modifyPushConfig = (deps: Deps) =>
  rpc(
    Subscriber.method.modifyPushConfig,
    { permission: "pubsub.subscriptions.update", audit: "ADMIN_WRITE" },
    async ({ subscription: name, pushConfig }) => {
      await changeSubscription(deps, name, (current) => ({
        ...current,
        pushConfig: withVersion(pushConfig, current.pushConfig),
      }));
      return {};
    },
  );
