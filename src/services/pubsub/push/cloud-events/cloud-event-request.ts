import type { PushContent, Pushed } from "../pushed-body.ts";
import { auditLogEvent } from "./audit-log-event.ts";
import { boundEvent } from "./bound-event.ts";
import type { CloudEvent } from "./cloud-event.ts";
import { fieldValue } from "./field-values.ts";
import { messagePublishedEvent } from "./message-published-event.ts";
import { storageObjectEvent } from "./storage-object-event.ts";

const CUSTOM_PUBSUB = "CUSTOM_PUBSUB_";

/**
 * A message as an event in CloudEvents' binary mode over HTTP, by the mode that Eventarc has put into the endpoint's URL;
 * undefined when the mode is unknown or the message is no such event: then it is pushed as any other.
 */
export function cloudEventRequest(mode: string, pushed: Pushed): PushContent | undefined {
  if (mode.startsWith(CUSTOM_PUBSUB)) return binary(messagePublishedEvent(mode.slice(CUSTOM_PUBSUB.length), pushed));
  if (mode === "GCS_NOTIFICATION") return binary(storageObjectEvent(pushed.message));
  if (mode === "AUDIT_LOG") return binary(auditLogEvent(pushed.message));
  return mode === "CE_PUBSUB_BINDING" ? boundEvent(pushed.message) : undefined;
}

function binary(event: CloudEvent | undefined): PushContent | undefined {
  if (event === undefined) return undefined;
  const headers: Record<string, string> = { "content-type": event.contentType };
  for (const [name, value] of Object.entries(event.attributes)) headers[`ce-${name}`] = fieldValue(value);
  return { headers, body: event.data };
}
