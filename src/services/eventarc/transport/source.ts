import type { Trigger } from "../../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import type { Deps } from "../deps.ts";
import { findEventType } from "../providers/catalog.ts";
import { typeOf, valueOf } from "../triggers/filters.ts";
import type { StoredTrigger } from "../triggers/stored-trigger.ts";
import { ensureSink, removeSink } from "./audit-sink.ts";
import { ensureNotification, removeNotification } from "./bucket-notification.ts";

/** Makes what brings a trigger's events to its topic; those of Pub/Sub and of channels come by themselves. */
export async function ensureSource(deps: Deps, stored: StoredTrigger): Promise<void> {
  const origin = originOf(stored.trigger);
  if (origin === "STORAGE") await ensureNotification(deps, stored);
  if (origin === "AUDIT_LOG") await ensureSink(deps, stored);
}

/** Removes what brings events to the topic. */
export async function removeSource(deps: Deps, stored: StoredTrigger, trigger = stored.trigger): Promise<void> {
  const origin = originOf(trigger);
  if (origin === "STORAGE") await removeNotification(deps, stored, bucketOf(trigger));
  if (origin === "AUDIT_LOG") await removeSink(deps, stored);
}

/** Removes what an earlier form of the trigger had besides. */
export async function removeObsoleteSource(deps: Deps, stored: StoredTrigger, other: Trigger): Promise<void> {
  if (originOf(other) === "STORAGE" && bucketOf(other) !== bucketOf(stored.trigger))
    await removeNotification(deps, stored, bucketOf(other));
}

function originOf(trigger: Trigger) {
  return trigger.channel === "" ? findEventType(typeOf(trigger))?.origin : undefined;
}

function bucketOf({ eventFilters }: Trigger): string {
  return valueOf(eventFilters, "bucket");
}
