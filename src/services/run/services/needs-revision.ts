import { clone, equals } from "@bufbuild/protobuf";
import { Condition_State } from "../../../gen/google/cloud/run/v2/condition_pb.js";
import {
  type RevisionTemplate,
  RevisionTemplateSchema,
} from "../../../gen/google/cloud/run/v2/revision_template_pb.js";
import type { Service } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { type TrafficTarget, TrafficTargetSchema } from "../../../gen/google/cloud/run/v2/traffic_target_pb.js";
import { isInState } from "../conditions.ts";
import { lastSegment } from "../names.ts";
import { plainQuantities } from "../templates/quantities.ts";
import { isSameTemplate } from "../revisions/revision.ts";
import type { HiddenMetadata, RevisionRecord } from "../store.ts";
import { isLatest } from "./traffic.ts";

/** A service before or after a change, and what v1 adds to its template. */
export interface TemplateState {
  readonly service: Service;
  readonly hidden: HiddenMetadata;
}

/**
 * Whether a change makes a revision: its template differs from the one before, or asks for another name than that got,
 * or the revision that was made of it failed and traffic goes to it as before.
 */
export function needsRevision(
  before: TemplateState,
  after: TemplateState,
  latestCreated: RevisionRecord | undefined,
): boolean {
  if (!isSameTemplate(comparable(before), comparable(after))) return true;
  const named = after.service.template!.revision;
  if (named !== "") return named !== lastSegment(before.service.latestCreatedRevision);
  const conditions = latestCreated?.revision.conditions ?? [];
  const hasFailed = isInState(conditions, "Ready", Condition_State.CONDITION_FAILED);
  return hasFailed && after.service.traffic.some(isLatest) && hasSameTraffic(before.service, after.service);
}

/** A change of traffic is a change of traffic only. */
function hasSameTraffic({ traffic: before }: Service, { traffic: after }: Service): boolean {
  const isSame = (target: TrafficTarget, index: number) => equals(TrafficTargetSchema, target, after[index]!);
  return before.length === after.length && before.every(isSame);
}

/** Clients in Go write quantities back in a form of their own: "1" for "1000m". */
function comparable({ service, hidden }: TemplateState): { template: RevisionTemplate; hidden: HiddenMetadata } {
  const template = clone(RevisionTemplateSchema, service.template!);
  for (const { resources } of template.containers) if (resources) resources.limits = plainQuantities(resources.limits);
  return { template, hidden };
}
