import { Subscriber } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { answered, findSubscription } from "../resources/subscription.ts";

/** Subscriber.GetSubscription. */
export const getSubscription = (deps: Deps) =>
  rpc(
    Subscriber.method.getSubscription,
    { permission: "pubsub.subscriptions.get", audit: "ADMIN_READ" },
    async ({ subscription: name }) => {
      const [answer] = await answered(deps, [(await findSubscription(deps, name)).subscription]);
      return answer!;
    },
  );
