import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Duration, durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Pipeline, PipelineSchema } from "../../../gen/google/cloud/eventarc/v1/pipeline_pb.js";
import { Subscriber, type SubscriptionSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { alreadyExists } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { agentOf, parseResourceName } from "../names.ts";
import { labelsOf } from "../transport/names.ts";
import { ensureTopic, removeTopic } from "../transport/topic.ts";
import { unlessCode, unlessNotFound } from "../triggers/unless-not-found.ts";
import type { StoredResource } from "./stored-resource.ts";

const RETENTION_MS = 24 * 3_600_000;
const DEADLINE_SECONDS = 60;
/** Google: pipeline.proto, Pipeline.RetryPolicy. */
const DEFAULT_ATTEMPTS = 5;
const DEFAULT_MIN_DELAY = durationFromMs(5_000);
const DEFAULT_MAX_DELAY = durationFromMs(60_000);

type StoredPipeline = StoredResource<typeof PipelineSchema>;

/**
 * Makes what carries the events of a pipeline to its HTTP endpoint, a topic and a push subscription by the pipeline's name,
 * or brings it up to date; a pipeline with another destination has none.
 */
export async function ensureTransport(deps: Deps, stored: StoredPipeline): Promise<void> {
  const { row, resource } = stored;
  const { project, topic, subscription: name } = namesOf(row.name);
  if (resource.destinations[0]?.destinationDescriptor.case !== "httpEndpoint") return removeTransport(deps, stored);
  await ensureTopic(deps, row, topic);
  const subscription = subscriptionOf(row, resource);
  const subscriber = deps.clients.of(Subscriber, agentOf(project));
  if (await unlessCode(subscriber.createSubscription(subscription), Code.ALREADY_EXISTS)) return;
  const found = await subscriber.getSubscription({ subscription: name });
  if (found.labels["goog-drz-eventarc-uuid"] !== row.uid) throw alreadyExists(name);
  await subscriber.updateSubscription({ subscription, updateMask: { paths: ["push_config", "retry_policy"] } });
}

/** Removes what carries the events of a pipeline. */
export async function removeTransport({ clients }: Deps, { row }: StoredPipeline): Promise<void> {
  const { project, topic, subscription } = namesOf(row.name);
  await unlessNotFound(clients.of(Subscriber, agentOf(project)).deleteSubscription({ subscription }));
  await removeTopic({ clients }, row, topic);
}

function namesOf(name: string) {
  const { project, location, id } = parseResourceName(name, "pipelines");
  const own = `eventarc-pipeline-${location}-${id}`;
  const parent = `projects/${project}`;
  return { project, location, topic: `${parent}/topics/${own}`, subscription: `${parent}/subscriptions/${own}` };
}

function subscriptionOf(
  { name, uid }: StoredPipeline["row"],
  { destinations: [destination], retryPolicy }: Pipeline,
): MessageInitShape<typeof SubscriptionSchema> {
  const { location, topic, subscription } = namesOf(name);
  const uri = (destination!.destinationDescriptor.value as { uri: string }).uri;
  const method = destination!.authenticationConfig?.authenticationMethodDescriptor;
  const token = method?.case === "googleOidc" ? method.value : undefined;
  return {
    name: subscription,
    topic,
    labels: labelsOf(location, uid),
    ackDeadlineSeconds: DEADLINE_SECONDS,
    messageRetentionDuration: durationFromMs(RETENTION_MS),
    expirationPolicy: {},
    retryPolicy: {
      minimumBackoff: delayOf(retryPolicy?.minRetryDelay, DEFAULT_MIN_DELAY),
      maximumBackoff: delayOf(retryPolicy?.maxRetryDelay, DEFAULT_MAX_DELAY),
    },
    pushConfig: {
      pushEndpoint: `${uri}${uri.includes("?") ? "&" : "?"}__GCP_CloudEventsMode=CE_PUBSUB_BINDING`,
      attributes: {
        "x-goog-version": "v1",
        "x-homerun-max-attempts": String(retryPolicy?.maxAttempts || DEFAULT_ATTEMPTS),
      },
      ...(token && {
        authenticationMethod: {
          case: "oidcToken",
          value: { serviceAccountEmail: token.serviceAccount, audience: token.audience || uri },
        },
      }),
    },
  };
}

function delayOf(asked: Duration | undefined, fallback: Duration): Duration {
  return asked ?? fallback;
}
