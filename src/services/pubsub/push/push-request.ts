import type { PushConfig } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { cloudEventRequest } from "./cloud-events/cloud-event-request.ts";
import { isFieldValue } from "./cloud-events/field-values.ts";
import { publishTimeOf, type PushContent, type Pushed, pushedBody } from "./pushed-body.ts";

/** The query parameter by which Eventarc's subscriptions say what kind of event their messages are. */
const MODE = "__GCP_CloudEventsMode";
const ATTRIBUTE_NAME = /^[!#$%&'*+.^_`|~0-9a-zA-Z-]+$/;
/** Fields of the connection and of the request itself, which no message may set. */
const OWN_FIELDS =
  /^(authorization|connection|content-length|expect|forwarded|from|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|user-agent|via|x-forwarded-.*|x-goog-.*|sec-.*)$/i;

/**
 * What is sent for a message: Google's JSON, the bare data, or a CloudEvent for Eventarc's endpoints. Google: pubsub.proto,
 * PushConfig; Pub/Sub, "Push subscriptions" and "Payload unwrapping".
 */
export function pushContent(config: PushConfig, pushed: Pushed): PushContent {
  const event = eventContent(config.pushEndpoint, pushed);
  const { headers, body } =
    event ?? (config.wrapper.case === "noWrapper" ? bareContent(config, pushed) : wrapped(pushed));
  return { headers: { ...commonHeaders(config), ...headers }, body };
}

/** The CloudEvent that a message is for an endpoint of Eventarc; undefined for all others. */
export function eventContent(endpoint: string, pushed: Pushed): PushContent | undefined {
  const mode = URL.parse(endpoint)?.searchParams.get(MODE) ?? undefined;
  return mode === undefined ? undefined : cloudEventRequest(mode, pushed);
}

/** Google: authenticated pushes come from another of its fetchers, with a name of its own. */
function commonHeaders({ authenticationMethod }: PushConfig): Record<string, string> {
  return {
    accept: "application/json",
    "accept-encoding": "gzip, deflate, br",
    from: "noreply@google.com",
    "user-agent":
      authenticationMethod.case === "oidcToken"
        ? "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)"
        : "CloudPubSub-Google",
  };
}

function wrapped(pushed: Pushed): PushContent {
  return { headers: { "content-type": "application/json" }, body: pushedBody(pushed) };
}

function bareContent({ wrapper }: PushConfig, pushed: Pushed): PushContent {
  const writesMetadata = wrapper.case === "noWrapper" && wrapper.value.writeMetadata;
  return { headers: writesMetadata ? metadataHeaders(pushed) : {}, body: pushed.message.data };
}

function metadataHeaders({ subscription, message }: Pushed): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.attributes)) {
    if (ATTRIBUTE_NAME.test(name) && !OWN_FIELDS.test(name) && isFieldValue(value)) headers[name.toLowerCase()] = value;
  }
  const { messageId, orderingKey } = message;
  return {
    ...headers,
    "x-goog-pubsub-subscription-name": subscription,
    "x-goog-pubsub-message-id": messageId,
    "x-goog-pubsub-publish-time": publishTimeOf(message),
    ...(orderingKey !== "" && isFieldValue(orderingKey) && { "x-goog-pubsub-ordering-key": orderingKey }),
  };
}
