import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type PushConfigSchema, Subscriber, type SubscriptionSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { alreadyExists } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { agentOf, parseResourceName } from "../names.ts";
import { type Endpoint, endpointOf } from "../triggers/destination.ts";
import type { StoredTrigger } from "../triggers/stored-trigger.ts";
import { unlessCode, unlessNotFound } from "../triggers/unless-not-found.ts";
import { accountOf } from "../triggers/validate-trigger.ts";
import { cloudEventsModeOf } from "./cloud-events-mode.ts";
import { labelsOf } from "./names.ts";

const RETENTION_MS = 24 * 3_600_000;
const MIN_BACKOFF_MS = 10_000;
const MAX_BACKOFF_MS = 600_000;
/** Functions get Pub/Sub's longest acknowledgement deadline, services its default. */
const FUNCTION_DEADLINE_SECONDS = 600;
const SERVICE_DEADLINE_SECONDS = 10;
/** Attribute of push subscriptions by which Pub/Sub gives up after that many attempts; homerun's own. */
const MAX_ATTEMPTS = "x-homerun-max-attempts";
/** What the user may have changed besides stays: Google has users set deadlines and dead letters on the subscription. */
const CHANGEABLE = ["push_config"];

/** Makes the push subscription of a trigger, or brings it up to date. */
export async function ensureSubscription(deps: Pick<Deps, "clients">, stored: StoredTrigger): Promise<void> {
  const { project } = parseResourceName(stored.name, "triggers");
  const endpoint = await endpointOf(deps, project, stored.trigger.destination!);
  const wanted = subscriptionOf(stored, endpoint);
  const subscriber = deps.clients.of(Subscriber, agentOf(project));
  if (await unlessCode(subscriber.createSubscription(wanted), Code.ALREADY_EXISTS)) return;
  const found = await subscriber.getSubscription({ subscription: stored.transport.subscription });
  if (found.labels["goog-drz-eventarc-uuid"] !== stored.uid) throw alreadyExists(stored.transport.subscription);
  await subscriber.updateSubscription({ subscription: wanted, updateMask: { paths: CHANGEABLE } });
}

/** Deletes the push subscription of a trigger. */
export async function removeSubscription({ clients }: Pick<Deps, "clients">, stored: StoredTrigger): Promise<void> {
  const { project } = parseResourceName(stored.name, "triggers");
  const { subscription } = stored.transport;
  await unlessNotFound(clients.of(Subscriber, agentOf(project)).deleteSubscription({ subscription }));
}

/** As Eventarc's subscriptions look in Google Cloud. */
function subscriptionOf(stored: StoredTrigger, endpoint: Endpoint): MessageInitShape<typeof SubscriptionSchema> {
  const { trigger, transport, uid } = stored;
  const isFunction = trigger.destination?.descriptor.case === "cloudFunction";
  return {
    name: transport.subscription,
    topic: transport.topic,
    labels: labelsOf(parseResourceName(stored.name, "triggers").location, uid),
    pushConfig: pushConfigOf(stored, endpoint),
    ackDeadlineSeconds: isFunction ? FUNCTION_DEADLINE_SECONDS : SERVICE_DEADLINE_SECONDS,
    messageRetentionDuration: durationFromMs(RETENTION_MS),
    retryPolicy: { minimumBackoff: durationFromMs(MIN_BACKOFF_MS), maximumBackoff: durationFromMs(MAX_BACKOFF_MS) },
    // No ttl: it lives as long as the trigger.
    expirationPolicy: {},
  };
}

function pushConfigOf(stored: StoredTrigger, { url, audience }: Endpoint): MessageInitShape<typeof PushConfigSchema> {
  const { retryPolicy } = stored.trigger;
  const mode = encodeURIComponent(cloudEventsModeOf(stored));
  const serviceAccountEmail = accountOf(stored.trigger);
  return {
    pushEndpoint: `${url}${url.includes("?") ? "&" : "?"}__GCP_CloudEventsMode=${mode}`,
    attributes: {
      "x-goog-version": "v1",
      ...(retryPolicy && { [MAX_ATTEMPTS]: String(retryPolicy.maxAttempts) }),
    },
    ...(serviceAccountEmail && {
      authenticationMethod: { case: "oidcToken", value: { serviceAccountEmail, audience } },
    }),
  };
}
