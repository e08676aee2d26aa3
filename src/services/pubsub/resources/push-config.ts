import type { PushConfig } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { isMaxAttempts, MAX_ATTEMPTS_ATTRIBUTE } from "../push/max-attempts.ts";
import { invalidField } from "./errors.ts";

/** Two names of one format. */
const VERSIONS = ["v1beta2", "v1"];
const FORMER_VERSION = "v1beta1";

/**
 * Rejects a configuration of pushes out of form. Unlike Google's, homerun takes http:// too: functions and developers'
 * servers on this machine have no certificates. Google: pubsub.proto, PushConfig.
 */
export function checkPushConfig(field: string, { pushEndpoint, attributes, ...rest }: PushConfig): void {
  for (const [key, value] of Object.entries(attributes)) {
    if (key === MAX_ATTEMPTS_ATTRIBUTE && isMaxAttempts(value)) continue;
    if (key !== "x-goog-version") throw unsupportedField(`${field}.attributes[${key}]`);
    if (value === FORMER_VERSION) throw unsupportedField(`${field}.attributes[${key}]=${value}`);
    if (!VERSIONS.includes(value))
      throw invalidField(`${field}.attributes`, `Invalid push attribute ${key}: ${value}.`);
  }
  if (pushEndpoint === "") return checkUnused(field, rest);
  if (!isEndpoint(pushEndpoint))
    throw invalidField(`${field}.push_endpoint`, `Invalid push endpoint given (endpoint=${pushEndpoint}).`);
  const { authenticationMethod: method } = rest;
  if (method.case === "oidcToken" && !/^[^@\s]+@[^@\s]+$/.test(method.value.serviceAccountEmail))
    throw invalidField(
      `${field}.oidc_token.service_account_email`,
      `Invalid service account email given (email=${method.value.serviceAccountEmail}).`,
    );
}

function checkUnused(field: string, config: Omit<PushConfig, "pushEndpoint" | "attributes">): void {
  if (config.authenticationMethod.case === undefined && config.wrapper.case === undefined) return;
  throw invalidField(`${field}.push_endpoint`, "A push endpoint is required to configure how messages are pushed.");
}

function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, hash } = new URL(text);
  return ["http:", "https:"].includes(protocol) && username === "" && hash === "";
}
