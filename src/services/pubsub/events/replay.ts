import { Revisions } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import { Services } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { type PushConfig, PushConfigSchema, type Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { create, toBinary } from "@bufbuild/protobuf";
import { PubsubMessageSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Clock } from "../../../platform/clock.ts";
import type { Ids } from "../../../platform/ids.ts";
import type { Principal } from "../../../wire/credentials/principal.ts";
import { failedPrecondition, invalidArgument } from "../../../wire/errors.ts";
import type { Clients } from "../../../wire/in-process/client.ts";
import type { DeliveryAttempt } from "../push/delivery-attempt.ts";
import { sendPush, type SendPushDeps } from "../push/send-push.ts";
import type { EventRecord } from "./event-record.ts";
import { withRevisionUrl } from "./revision-url.ts";

export interface ReplayDeps extends SendPushDeps {
  readonly clients: Clients;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly observe: (attempt: DeliveryAttempt) => void;
}

/** Where a replay goes, if not to where the event went. */
export interface ReplayTarget {
  /** A revision of the service that got the event, by its short name. */
  readonly revision?: string | undefined;
  /** Another endpoint. */
  readonly url?: string | undefined;
}

const DEFAULT_TIMEOUT_SECONDS = 600;

/**
 * Sends an event once more, as its subscription would now; whatever the answer is, it is recorded and not retried.
 * `subscription` is undefined when it is gone: then the event goes to where it went last, without a token.
 */
export async function replayEvent(
  deps: ReplayDeps,
  event: EventRecord,
  subscription: Subscription | undefined,
  target: ReplayTarget,
  { principal, signal }: { readonly principal: Principal; readonly signal: AbortSignal },
): Promise<DeliveryAttempt> {
  const { message } = event;
  if (message === undefined)
    throw failedPrecondition(
      `The message of event ${event.messageId} was too large to be kept, or is no longer on record.`,
    );
  const config = targeted(configOf(event, subscription), target);
  if (target.revision === undefined) return send(config);
  const services = deps.clients.of(Services, principal, signal);
  const revisions = deps.clients.of(Revisions, principal, signal);
  const project = event.subscription.split("/").slice(0, 2).join("/");
  return withRevisionUrl(
    { ...deps, services, revisions, project },
    config.pushEndpoint,
    target.revision,
    (pushEndpoint) => send({ ...config, pushEndpoint }),
  );

  async function send(pushConfig: PushConfig): Promise<DeliveryAttempt> {
    const startMs = deps.clock.nowMs();
    const timeoutMs = (subscription?.ackDeadlineSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
    const pushed = { subscription: event.subscription, message: message!, deliveryAttempt: undefined };
    const { acknowledged, ...result } = await sendPush(deps, pushConfig, pushed, { timeoutMs, signal });
    const attempt: DeliveryAttempt = {
      ...result,
      subscription: event.subscription,
      leased: { message: message!, encoded: toBinary(PubsubMessageSchema, message!) },
      attempt: 0,
      endpoint: pushConfig.pushEndpoint,
      startMs,
      latencyMs: deps.clock.nowMs() - startMs,
      outcome: acknowledged ? "DELIVERED" : "FAILED",
    };
    deps.observe(attempt);
    return attempt;
  }
}

function configOf(event: EventRecord, subscription: Subscription | undefined): PushConfig {
  const { pushConfig } = subscription ?? {};
  if (pushConfig !== undefined && pushConfig.pushEndpoint !== "") return pushConfig;
  const pushEndpoint = event.attempts.findLast(({ endpoint }) => endpoint !== "")?.endpoint ?? "";
  return create(PushConfigSchema, { pushEndpoint });
}

/** A token that another endpoint gets is only good for that endpoint; the kind of event stays. */
function targeted(config: PushConfig, { url, revision }: ReplayTarget): PushConfig {
  if (url === undefined) return withAudience(config);
  const description = "Only one of url and revision can be given.";
  if (revision !== undefined) throw invalidArgument(description, [{ field: "url", description }]);
  const target = URL.parse(url);
  if (target === null || !/^https?:$/.test(target.protocol)) {
    const malformed = `Invalid url: ${url}.`;
    throw invalidArgument(malformed, [{ field: "url", description: malformed }]);
  }
  for (const [name, value] of URL.parse(config.pushEndpoint)?.searchParams ?? []) {
    if (name.startsWith("__GCP_")) target.searchParams.set(name, value);
  }
  const { authenticationMethod: method } = config;
  const authenticationMethod: PushConfig["authenticationMethod"] =
    method.case === "oidcToken" ? { ...method, value: { ...method.value, audience: url } } : method;
  return { ...config, pushEndpoint: target.href, authenticationMethod };
}

/** Without an audience of its own a token is for the endpoint, also when a tag of it is called. */
function withAudience(config: PushConfig): PushConfig {
  const { authenticationMethod: method, pushEndpoint } = config;
  if (method.case !== "oidcToken" || method.value.audience !== "") return config;
  return { ...config, authenticationMethod: { ...method, value: { ...method.value, audience: pushEndpoint } } };
}
