import { Subscriber } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { checkProject } from "../resources/names.ts";
import { pageOfTable } from "../resources/page.ts";
import { answered, subscriptionOf } from "../resources/subscription.ts";

/** Subscriber.ListSubscriptions, in order of their names. */
export const listSubscriptions = (deps: Deps) =>
  rpc(
    Subscriber.method.listSubscriptions,
    { permission: "pubsub.subscriptions.list", audit: "ADMIN_READ" },
    async ({ project, ...request }) => {
      checkProject(project);
      const { page, nextPageToken } = await pageOfTable(deps.subscriptions, project, "subscriptions", request);
      return { subscriptions: await answered(deps, page.map(subscriptionOf)), nextPageToken };
    },
  );
