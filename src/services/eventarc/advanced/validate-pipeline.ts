import { durationMs } from "@bufbuild/protobuf/wkt";
import type {
  Pipeline,
  Pipeline_Destination as Destination,
} from "../../../gen/google/cloud/eventarc/v1/pipeline_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { invalidRequest } from "../errors.ts";

const DESTINATION = "pipeline.destinations[0]";
const TOPIC = /^projects\/[^/]+\/topics\/[^/]+$/;
/** Google: pipeline.proto, Pipeline.RetryPolicy. */
const MAX_ATTEMPTS = 100;
const MAX_DELAY_MS = 600_000;

/** Rejects a pipeline that Eventarc does not take, and by name what homerun does not do. */
export function validatePipeline(pipeline: Pipeline): void {
  const { destinations, mediations, cryptoKeyName, inputPayloadFormat } = pipeline;
  if (destinations.length !== 1)
    throw invalidRequest("pipeline.destinations", "exactly one destination is supported per pipeline");
  if (mediations.length > 0) throw unsupportedField("pipeline.mediations");
  if (cryptoKeyName !== "") throw unsupportedField("pipeline.crypto_key_name");
  const input = inputPayloadFormat?.kind.case;
  if (input !== undefined && input !== "json") throw unsupportedField(`pipeline.input_payload_format.${input}`);
  checkDestination(destinations[0]!, input !== undefined);
  checkRetryPolicy(pipeline);
}

function checkDestination(destination: Destination, hasInputFormat: boolean): void {
  const { destinationDescriptor: descriptor, outputPayloadFormat, authenticationConfig } = destination;
  const output = outputPayloadFormat?.kind.case;
  if (output !== undefined && !hasInputFormat)
    throw invalidRequest(
      `${DESTINATION}.output_payload_format`,
      "an output payload format can only be set with an input payload format",
    );
  if (output !== undefined && output !== "json")
    throw unsupportedField(`${DESTINATION}.output_payload_format.${output}`);
  if (authenticationConfig?.authenticationMethodDescriptor.case === "oauthToken")
    throw unsupportedField(`${DESTINATION}.authentication_config.oauth_token`);
  switch (descriptor.case) {
    case "httpEndpoint":
      if (descriptor.value.messageBindingTemplate !== "")
        throw unsupportedField(`${DESTINATION}.http_endpoint.message_binding_template`);
      checkUri(descriptor.value.uri);
      break;
    case "topic":
      if (!TOPIC.test(descriptor.value))
        throw invalidRequest(`${DESTINATION}.topic`, `invalid topic name "${descriptor.value}"`);
      break;
    case "messageBus":
      break;
    case "workflow":
      throw unsupportedField(`${DESTINATION}.workflow`);
    default:
      throw invalidRequest(DESTINATION, "a destination must be set");
  }
}

/** Unlike Google's, homerun takes http:// too, for servers on this machine. */
function checkUri(uri: string): void {
  const url = URL.parse(uri);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.hash)
    throw invalidRequest(`${DESTINATION}.http_endpoint.uri`, `invalid URI "${uri}"`);
}

function checkRetryPolicy({ retryPolicy }: Pipeline): void {
  if (!retryPolicy) return;
  const { maxAttempts, minRetryDelay, maxRetryDelay } = retryPolicy;
  if (maxAttempts < 0 || maxAttempts > MAX_ATTEMPTS)
    throw invalidRequest("pipeline.retry_policy.max_attempts", "max_attempts must be between 1 and 100");
  for (const [name, delay] of [
    ["min_retry_delay", minRetryDelay],
    ["max_retry_delay", maxRetryDelay],
  ] as const) {
    if (delay && (durationMs(delay) < 1000 || durationMs(delay) > MAX_DELAY_MS))
      throw invalidRequest(`pipeline.retry_policy.${name}`, `${name} must be between 1 and 600 seconds`);
  }
}
