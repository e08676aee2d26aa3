import { clone, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type BuildTrigger,
  BuildTriggerSchema,
  PubsubConfig_State as PubsubState,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import { formatTriggerName } from "./trigger-name.ts";

/** A new trigger as it is stored: what the client sent, its id and names. */
export function newTrigger(
  request: BuildTrigger,
  parent: { project: string; location: string },
  id: string,
  nowMs: number,
): BuildTrigger {
  const trigger = clone(BuildTriggerSchema, request);
  trigger.name ||= `trigger-${id.slice(0, 8)}`;
  return withOutputs(trigger, formatTriggerName(parent, id), id, nowMs);
}

/** The trigger that an update leads to; what Cloud Build itself gives stays. */
export function updatedTrigger(patched: BuildTrigger, row: ResourceRow): BuildTrigger {
  const trigger = clone(BuildTriggerSchema, patched);
  trigger.name ||= triggerOf(row).name;
  return withOutputs(trigger, row.name, row.uid, row.createTimeMs);
}

function withOutputs(trigger: BuildTrigger, resourceName: string, id: string, createTimeMs: number): BuildTrigger {
  Object.assign(trigger, { resourceName, id, createTime: timestampFromMs(createTimeMs) });
  const { pubsubConfig, webhookConfig } = trigger;
  if (pubsubConfig) {
    const [, project] = resourceName.split("/");
    pubsubConfig.subscription = `projects/${project}/subscriptions/gcb-${trigger.name}`;
    pubsubConfig.state = PubsubState.STATE_UNSPECIFIED;
  }
  if (webhookConfig) webhookConfig.state = 0;
  return trigger;
}

/** A Pub/Sub trigger as GetBuildTrigger answers it. Google: PubsubConfig.state ("Only populated on get requests"). */
export function checkedTrigger(trigger: BuildTrigger, state: PubsubState): BuildTrigger {
  const checked = clone(BuildTriggerSchema, trigger);
  if (checked.pubsubConfig) checked.pubsubConfig.state = state;
  return checked;
}

/** The row of a trigger that was just made. */
export function newTriggerRow(trigger: BuildTrigger, nowMs: number): ResourceRow {
  return {
    name: trigger.resourceName,
    parent: trigger.resourceName.slice(0, trigger.resourceName.lastIndexOf("/triggers/")),
    uid: trigger.id,
    generation: 1,
    version: 1,
    message: toJsonString(BuildTriggerSchema, trigger),
    unfinished: false,
    createTimeMs: nowMs,
    updateTimeMs: nowMs,
  };
}

/** The row with another state of its trigger. */
export function rowWithTrigger(row: ResourceRow, trigger: BuildTrigger, nowMs: number): ResourceRow {
  const message = toJsonString(BuildTriggerSchema, trigger);
  return { ...row, message, generation: row.generation + 1, updateTimeMs: nowMs };
}

/** The trigger of a row. */
export function triggerOf(row: ResourceRow): BuildTrigger {
  return fromJsonString(BuildTriggerSchema, row.message);
}
