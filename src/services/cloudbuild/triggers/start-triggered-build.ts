import { createHash } from "node:crypto";
import type { BuildTrigger } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { Operation } from "../../../gen/google/longrunning/operations_pb.js";
import { DuplicateResourceError } from "../../../platform/store/resource-table.ts";
import type { Call } from "../../../wire/call.ts";
import { type BuildName, formatBuildName } from "../build-name.ts";
import type { Deps } from "../deps.ts";
import { pendingApproval } from "../approvals/approval.ts";
import { startBuild } from "../v1/start-build.ts";
import { planRun, type TriggerEvent } from "./plan-run.ts";
import { parseTriggerName } from "./trigger-name.ts";

/**
 * Runs a trigger once: reads what it needs, then writes build, operation and wake-up in one transaction. An event that has
 * an id of its own starts one build however often it is delivered. Undefined when nothing is to be built.
 */
export async function startTriggeredBuild(
  deps: Deps,
  trigger: BuildTrigger,
  event: TriggerEvent & { readonly id?: string },
  call: Call,
): Promise<Operation | undefined> {
  const { project, location } = parseTriggerName(trigger.resourceName);
  const id = event.id === undefined ? deps.ids.uuid() : eventUuid(trigger.id, event.id);
  const name: BuildName = { project, location, id };
  if (event.id !== undefined && (await deps.builds.get(formatBuildName(name)))) return undefined;
  const build = await planRun(deps, trigger, name, event, call.signal);
  if (!build) return undefined;
  build.buildTriggerId = trigger.id;
  if (trigger.approvalConfig?.approvalRequired) build.approval = pendingApproval(trigger.approvalConfig);
  try {
    return await startBuild(deps, name, build, call);
  } catch (error) {
    // The same event, delivered twice at the same time.
    if (error instanceof DuplicateResourceError && event.id !== undefined) return undefined;
    throw error;
  }
}

/** A UUID that follows from trigger and event (RFC 9562, version 8). */
function eventUuid(triggerId: string, eventId: string): string {
  const hex = createHash("sha256").update(`${triggerId}/${eventId}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
