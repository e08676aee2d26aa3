import type { PubsubMessage } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { type ApiError, invalidArgument } from "../../../wire/errors.ts";
import {
  MAX_ATTRIBUTE_KEY_BYTES,
  MAX_ATTRIBUTE_VALUE_BYTES,
  MAX_ATTRIBUTES,
  MAX_MESSAGES_PER_PUBLISH,
  MAX_ORDERING_KEY_BYTES,
  MAX_REQUEST_BYTES,
} from "./limits.ts";

/** Rejects with INVALID_ARGUMENT what cannot be published (cloud.google.com/pubsub/quotas#resource_limits). */
export function checkMessages(messages: readonly PubsubMessage[]): void {
  if (messages.length === 0) throw tooSmall("batch_size", 0, 1);
  if (messages.length > MAX_MESSAGES_PER_PUBLISH) {
    throw tooLarge("batch_size", messages.length, MAX_MESSAGES_PER_PUBLISH);
  }
  let bytes = 0;
  for (const message of messages) bytes += checkMessage(message);
  if (bytes > MAX_REQUEST_BYTES) throw tooLarge("request_size", bytes, MAX_REQUEST_BYTES);
}

/** Its size, bytes. */
function checkMessage({ data, attributes, orderingKey }: PubsubMessage): number {
  let bytes = data.length;
  const entries = Object.entries(attributes);
  if (data.length === 0 && entries.length === 0) {
    throw invalidArgument(
      "One or more messages in the publish request is empty. Each message must contain either non-empty data, or at least one attribute.",
    );
  }
  if (entries.length > MAX_ATTRIBUTES) throw tooLarge("attributes_count", entries.length, MAX_ATTRIBUTES);
  for (const [key, value] of entries) {
    const [keyBytes, valueBytes] = [Buffer.byteLength(key), Buffer.byteLength(value)];
    if (keyBytes === 0) throw tooSmall("attribute_key_size", 0, 1);
    if (keyBytes > MAX_ATTRIBUTE_KEY_BYTES) throw tooLarge("attribute_key_size", keyBytes, MAX_ATTRIBUTE_KEY_BYTES);
    if (valueBytes > MAX_ATTRIBUTE_VALUE_BYTES) {
      throw tooLarge("attribute_value_size", valueBytes, MAX_ATTRIBUTE_VALUE_BYTES);
    }
    // Google's own clients send traces along in attributes like googclient_traceparent.
    if (key.startsWith("goog") && !key.startsWith("googclient_")) {
      throw invalidArgument(`The attribute key ${key} is reserved: keys must not begin with "goog".`);
    }
    bytes += keyBytes + valueBytes;
  }
  const keyBytes = Buffer.byteLength(orderingKey);
  if (keyBytes > MAX_ORDERING_KEY_BYTES) throw tooLarge("ordering_key_size", keyBytes, MAX_ORDERING_KEY_BYTES);
  return bytes + keyBytes;
}

function tooLarge(what: string, value: number, limit: number): ApiError {
  return invalidArgument(
    `The value for ${what} is too large. You passed ${value} in the request, but the maximum value is ${limit}.`,
  );
}

function tooSmall(what: string, value: number, limit: number): ApiError {
  return invalidArgument(
    `The value for ${what} is too small. You passed ${value} in the request, but the minimum value is ${limit}.`,
  );
}
