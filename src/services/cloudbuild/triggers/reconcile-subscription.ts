import {
  type BuildTrigger,
  PubsubConfig_State as State,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { Subscriber, type Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import type { Reconcile } from "../../../platform/wakeups/wakeups.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { agentOf } from "../service-agent.ts";
import type { TriggerSubscription } from "./subscriptions.ts";
import { triggerOf } from "./trigger.ts";
import { parseTriggerName } from "./trigger-name.ts";

/** Wake-up kind of the subscriptions of Pub/Sub triggers; the key is the trigger's row. */
export const SUBSCRIPTION_KIND = "cloudbuild.trigger-subscription";

/** A topic that is not there, or cannot be used, may still come, ms. */
const LOOK_AGAIN_MS = 60_000;
const REFUSALS: readonly Code[] = [
  Code.NOT_FOUND,
  Code.INVALID_ARGUMENT,
  Code.FAILED_PRECONDITION,
  Code.PERMISSION_DENIED,
  Code.UNIMPLEMENTED,
];
const ACK_DEADLINE_SECONDS = 60;

type SubscriptionDeps = Pick<Deps, "store" | "triggers" | "triggerSubscriptions" | "clients" | "ids" | "log">;

/** Sees to it that a Pub/Sub trigger has its subscription, which pushes to its webhook, and no other trigger has one. */
export function reconcileSubscription(deps: SubscriptionDeps): Reconcile {
  return async (key) => {
    const row = await deps.triggers.get(key);
    const trigger = row && triggerOf(row);
    const wanted = trigger?.pubsubConfig?.subscription;
    const noted = await deps.triggerSubscriptions.get(key);
    if (noted && noted.subscription !== wanted) await remove(deps, noted);
    if (!trigger || wanted === undefined) return { settled: true };
    try {
      await ensure(deps, trigger, await note(deps, key, wanted));
      return { settled: true };
    } catch (error) {
      if (!isCode(error, ...REFUSALS)) throw error;
      deps.log.debug("the subscription of a trigger could not be made", { trigger: key, error });
      return { settled: false, retryInMs: LOOK_AGAIN_MS };
    }
  };
}

/** How a trigger's subscription is. Google: cloudbuild.proto, PubsubConfig.state. */
export async function subscriptionState(deps: SubscriptionDeps, trigger: BuildTrigger): Promise<State> {
  try {
    const { subscription = "", topic } = trigger.pubsubConfig ?? {};
    const found = await subscriber(deps, trigger.resourceName).getSubscription({ subscription });
    if (found.topic === "_deleted-topic_") return State.TOPIC_DELETED;
    return found.topic === topic && isPushedTo(found, trigger.resourceName)
      ? State.OK
      : State.SUBSCRIPTION_MISCONFIGURED;
  } catch (error) {
    if (isCode(error, Code.NOT_FOUND, Code.UNIMPLEMENTED)) return State.SUBSCRIPTION_DELETED;
    throw error;
  }
}

/** The note of a subscription before it is made, so that none is forgotten. */
async function note(deps: SubscriptionDeps, key: string, subscription: string): Promise<TriggerSubscription> {
  return deps.store.transact(async (transaction) => {
    const present = await deps.triggerSubscriptions.get(key, transaction);
    if (present?.subscription === subscription) return present;
    const made = { key, subscription, secret: deps.ids.text(32) };
    await deps.triggerSubscriptions.insert(transaction, made);
    return made;
  });
}

async function ensure(deps: SubscriptionDeps, trigger: BuildTrigger, noted: TriggerSubscription): Promise<void> {
  const { subscription: name, key } = noted;
  const { topic } = trigger.pubsubConfig!;
  const client = subscriber(deps, key);
  const pushEndpoint = `https://cloudbuild.googleapis.com/v1/${key}:webhook?secret=${noted.secret}`;
  const make = () =>
    client.createSubscription({ name, topic, ackDeadlineSeconds: ACK_DEADLINE_SECONDS, pushConfig: { pushEndpoint } });
  try {
    await make();
  } catch (error) {
    if (!isCode(error, Code.ALREADY_EXISTS)) throw error;
    const present = await client.getSubscription({ subscription: name });
    if (!isPushedTo(present, key)) {
      deps.log.warning("a subscription of a trigger's name is somebody else's", { name, trigger: key });
    } else if (present.topic !== topic) {
      await client.deleteSubscription({ subscription: name });
      await make();
    } else if (present.pushConfig?.pushEndpoint !== pushEndpoint) {
      await client.modifyPushConfig({ subscription: name, pushConfig: { pushEndpoint } });
    }
  }
}

async function remove(deps: SubscriptionDeps, { key, subscription }: TriggerSubscription): Promise<void> {
  const client = subscriber(deps, key);
  try {
    const present = await client.getSubscription({ subscription });
    if (isPushedTo(present, key)) await client.deleteSubscription({ subscription });
  } catch (error) {
    if (!isCode(error, Code.NOT_FOUND, Code.UNIMPLEMENTED)) throw error;
  }
  await deps.store.transact((transaction) => deps.triggerSubscriptions.delete(transaction, key));
}

function subscriber({ clients }: SubscriptionDeps, key: string) {
  return clients.of(Subscriber, agentOf(parseTriggerName(key).project));
}

function isPushedTo({ pushConfig }: Subscription, key: string): boolean {
  return pushConfig?.pushEndpoint.includes(`/v1/${key}:webhook`) ?? false;
}

function isCode(error: unknown, ...codes: readonly Code[]): boolean {
  return error instanceof ApiError && codes.includes(error.code);
}
