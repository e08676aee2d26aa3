import { findEventType } from "../providers/catalog.ts";
import { typeOf } from "../triggers/filters.ts";
import type { StoredTrigger } from "../triggers/stored-trigger.ts";

/**
 * What a push subscription's endpoint says of how its messages become CloudEvents: Google's values, and homerun's own
 * AUDIT_LOG for messages that are log entries.
 */
export function cloudEventsModeOf({ trigger, transport }: Pick<StoredTrigger, "trigger" | "transport">): string {
  const origin = trigger.channel === "" ? findEventType(typeOf(trigger))?.origin : undefined;
  if (origin === "PUBSUB") return `CUSTOM_PUBSUB_${transport.topic}`;
  if (origin === "STORAGE") return "GCS_NOTIFICATION";
  return origin === "AUDIT_LOG" ? "AUDIT_LOG" : "CE_PUBSUB_BINDING";
}
