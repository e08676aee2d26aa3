import type { Channel } from "../../../gen/google/cloud/eventarc/v1/channel_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { invalidRequest } from "../errors.ts";
import { checkLabels } from "../triggers/validate-trigger.ts";

const PROVIDER = /^projects\/[^/]+\/locations\/[^/]+\/providers\/[^/]+$/;

/** Id of the channel that stands for Google's own events in the publishing API; nobody can make it. */
export const GOOGLE_CHANNEL = "google";

/** Rejects a channel that Eventarc or homerun does not take. */
export function validateChannel({ provider, cryptoKeyName, labels }: Channel): void {
  if (cryptoKeyName !== "") throw unsupportedField("channel.crypto_key_name");
  if (provider !== "" && !PROVIDER.test(provider))
    throw invalidRequest("channel.provider", `invalid resource name "${provider}"`);
  checkLabels(labels, "channel.labels");
}
