import type { Destination, Trigger } from "../../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { invalidRequest } from "../errors.ts";
import { MAX_LABELS } from "../limits.ts";
import { findEventType } from "../providers/catalog.ts";
import { typeOf } from "./filters.ts";
import { checkContentType, validateFilters } from "./validate-filters.ts";

/** Google: cloud.google.com/resource-manager/docs/labels-overview. */
const LABEL_KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;
const ACCOUNT = /^(?:projects\/[^/]+\/serviceAccounts\/)?([^/@\s]+@[^/@\s]+\.gserviceaccount\.com)$/;
const TOPIC = /^projects\/[^/]+\/topics\/[^/]+$/;
const CHANNEL = /^projects\/[^/]+\/locations\/[^/]+\/channels\/[^/]+$/;
const ATTACHMENT = /^projects\/[^/]+\/regions\/[^/]+\/networkAttachments\/[^/]+$/;
/** Google: trigger.proto, CloudRun.path, and RFC 2396, section 3.3. */
const RELATIVE_PATH = /^[\w\-.!~*'()%:@&=+$,;/]*$/;

/** Rejects what can be seen to be wrong in a trigger alone. Only Cloud Functions may set a function as destination. */
export function validateTrigger(trigger: Trigger, location: string, mayNameFunction: boolean): void {
  validateFilters(trigger, location);
  checkContentType(trigger);
  checkDestination(trigger.destination, mayNameFunction);
  checkTransport(trigger);
  checkLabels(trigger.labels, "trigger.labels");
  if (trigger.serviceAccount !== "" && !ACCOUNT.test(trigger.serviceAccount))
    throw invalidRequest("trigger.service_account", `invalid service account "${trigger.serviceAccount}"`);
  if (trigger.channel !== "" && !CHANNEL.test(trigger.channel))
    throw invalidRequest("trigger.channel", `invalid resource name "${trigger.channel}"`);
  checkRetryPolicy(trigger);
}

/** The e-mail address of a trigger's service account; "" when it has none. */
export function accountOf({ serviceAccount }: Pick<Trigger, "serviceAccount">): string {
  return ACCOUNT.exec(serviceAccount)?.[1] ?? "";
}

/** Rejects labels that are out of form. */
export function checkLabels(labels: Readonly<Record<string, string>>, field: string): void {
  const entries = Object.entries(labels);
  if (entries.length > MAX_LABELS) throw invalidRequest(field, `there are more than ${MAX_LABELS} labels`);
  for (const [key, value] of entries) {
    if (!LABEL_KEY.test(key)) throw invalidRequest(field, `invalid label key "${key}"`);
    if (!LABEL_VALUE.test(value)) throw invalidRequest(field, `invalid label value "${value}"`);
  }
}

function checkDestination(destination: Destination | undefined, mayNameFunction: boolean): void {
  const descriptor = destination?.descriptor;
  switch (descriptor?.case) {
    case "gke":
      throw unsupportedField("trigger.destination.gke");
    case "workflow":
      throw unsupportedField("trigger.destination.workflow");
    case "cloudFunction":
      if (!mayNameFunction) throw onlyByCloudFunctions();
      break;
    case "cloudRun":
      checkRequired(descriptor.value.service, "trigger.destination.cloud_run.service");
      checkRequired(descriptor.value.region, "trigger.destination.cloud_run.region");
      if (!RELATIVE_PATH.test(descriptor.value.path))
        throw invalidRequest("trigger.destination.cloud_run.path", `invalid path "${descriptor.value.path}"`);
      break;
    case "httpEndpoint":
      checkUri(descriptor.value.uri);
      break;
    default:
      throw invalidRequest("trigger.destination", "trigger.destination must be set");
  }
  checkNetworkConfig(destination!);
}

function onlyByCloudFunctions() {
  return invalidRequest(
    "trigger.destination.cloud_function",
    "creating triggers with Cloud Functions destinations is only supported via the Cloud Functions product",
  );
}

function checkUri(uri: string): void {
  checkRequired(uri, "trigger.destination.http_endpoint.uri");
  const url = URL.parse(uri);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.hash)
    throw invalidRequest("trigger.destination.http_endpoint.uri", `invalid URI "${uri}"`);
}

function checkNetworkConfig({ descriptor, networkConfig }: Destination): void {
  if (!networkConfig) return;
  if (descriptor.case !== "httpEndpoint")
    throw invalidRequest(
      "trigger.destination.network_config",
      "network_config can only be set with an HTTP endpoint destination",
    );
  if (!ATTACHMENT.test(networkConfig.networkAttachment))
    throw invalidRequest(
      "trigger.destination.network_config.network_attachment",
      `invalid network attachment "${networkConfig.networkAttachment}"`,
    );
}

function checkTransport({ transport, eventFilters, channel }: Trigger): void {
  const topic = transport?.intermediary.value?.topic ?? "";
  if (topic === "") return;
  if (channel !== "" || findEventType(typeOf({ eventFilters }))?.origin !== "PUBSUB")
    throw invalidRequest(
      "trigger.transport.pubsub.topic",
      "a transport topic can only be set for events of type google.cloud.pubsub.topic.v1.messagePublished",
    );
  if (!TOPIC.test(topic)) throw invalidRequest("trigger.transport.pubsub.topic", `invalid topic name "${topic}"`);
}

function checkRetryPolicy({ retryPolicy, destination }: Trigger): void {
  if (!retryPolicy) return;
  const field = "trigger.retry_policy";
  if (destination?.descriptor.case === "httpEndpoint")
    throw invalidRequest(field, "a retry policy can only be set with Cloud Run destinations");
  if (retryPolicy.maxAttempts !== 1)
    throw invalidRequest(`${field}.max_attempts`, "the only valid value of max_attempts is 1");
}

function checkRequired(value: string, field: string): void {
  if (value === "") throw invalidRequest(field, `${field} must be set`);
}
