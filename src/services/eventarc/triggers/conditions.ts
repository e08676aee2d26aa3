import { create } from "@bufbuild/protobuf";
import { type StateCondition, StateConditionSchema } from "../../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import { Subscriber } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { agentOf, parseResourceName } from "../names.ts";
import { findEventType } from "../providers/catalog.ts";
import { endpointOf } from "./destination.ts";
import { typeOf, valueOf } from "./filters.ts";
import type { StoredTrigger } from "./stored-trigger.ts";
import { unlessNotFound } from "./unless-not-found.ts";

/** Google: pubsub.proto, Subscription.topic of a deleted topic. */
const DELETED_TOPIC = "_deleted-topic_";

/** Why a trigger's events do not arrive: its topic, subscription, channel, bucket or destination was deleted. Empty when all is there. */
export async function conditionsOf(
  deps: Pick<Deps, "clients" | "channels">,
  stored: StoredTrigger,
): Promise<Record<string, StateCondition>> {
  if (stored.work) return {};
  const { project } = parseResourceName(stored.name, "triggers");
  const { topic, subscription: name } = stored.transport;
  const subscriber = deps.clients.of(Subscriber, agentOf(project));
  const subscription = await unlessNotFound(subscriber.getSubscription({ subscription: name }));
  const lost = !subscription ? name : subscription.topic === DELETED_TOPIC ? topic : undefined;
  const { channel } = stored.trigger;
  const isChannelLost = channel !== "" && !(await deps.channels.get(channel));
  const bucket = await lostBucketOf(deps, project, stored);
  const destination = await problemOf(endpointOf(deps, project, stored.trigger.destination!));
  return {
    ...(lost !== undefined && { transport: condition(Code.NOT_FOUND, `Resource '${lost}' was not found`) }),
    ...(isChannelLost && { channel: condition(Code.NOT_FOUND, `Resource '${channel}' was not found`) }),
    ...(bucket !== undefined && { source: condition(Code.NOT_FOUND, `Bucket "${bucket}" was not found`) }),
    ...(destination && { destination: condition(Code.NOT_FOUND, destination) }),
  };
}

/** The bucket whose events the trigger brings, if it is gone. */
async function lostBucketOf({ clients }: Pick<Deps, "clients">, project: string, { trigger }: StoredTrigger) {
  const isStorage = trigger.channel === "" && findEventType(typeOf(trigger))?.origin === "STORAGE";
  if (!isStorage) return undefined;
  const bucket = valueOf(trigger.eventFilters, "bucket");
  const found = clients.of(Storage, agentOf(project)).getBucket({ name: `projects/_/buckets/${bucket}` });
  return (await unlessNotFound(found)) ? undefined : bucket;
}

async function problemOf(found: Promise<unknown>): Promise<string | undefined> {
  try {
    await found;
    return undefined;
  } catch (error) {
    if (error instanceof ApiError && error.code === Code.INVALID_ARGUMENT)
      return error.message.replace("The request was invalid: ", "");
    if (error instanceof ApiError && error.code === Code.UNAVAILABLE) return undefined;
    throw error;
  }
}

function condition(code: Code, message: string): StateCondition {
  return create(StateConditionSchema, { code, message });
}
