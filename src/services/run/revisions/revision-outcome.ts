import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  Condition_CommonReason,
  Condition_RevisionReason,
  Condition_Severity,
  Condition_State,
} from "../../../gen/google/cloud/run/v2/condition_pb.js";
import type { Revision } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import { type ConditionChange, type Failure, failed, revisionReason, SUCCEEDED } from "../conditions.ts";

/** How far the bringing up of a revision came, and when. */
export interface Progress {
  readonly startMs: number;
  /** When its images were found. */
  readonly pinnedMs?: number;
  /** False: no instance was asked whether it is healthy. */
  readonly isChecked?: boolean;
}

export type ConditionChanges = Readonly<Record<string, ConditionChange>>;

/** What the conditions of a revision become that came up. Google's words. */
export function readyChanges(revision: Revision, progress: Progress, nowMs: number): ConditionChanges {
  const { startMs, pinnedMs = startMs, isChecked = true } = progress;
  const sinceCreation = elapsed(timestampMs(revision.createTime!), nowMs);
  const healthy: ConditionChange = {
    ...SUCCEEDED,
    message: `Containers became healthy in ${elapsed(pinnedMs, nowMs)}.`,
  };
  return {
    Ready: { ...SUCCEEDED, message: `Deploying revision succeeded in ${sinceCreation}.` },
    ContainerHealthy: isChecked ? healthy : HEALTH_CHECK_SKIPPED,
    ContainerReady: { ...SUCCEEDED, message: `Container image import completed in ${elapsed(startMs, pinnedMs)}.` },
    ResourcesAvailable: {
      ...SUCCEEDED,
      message: `Provisioning imported containers completed in ${elapsed(pinnedMs, nowMs)}.`,
    },
  };
}

/** What the conditions of a revision become that did not come up: the one that tells the stage, and Ready. */
export function failedChanges(failure: Failure): ConditionChanges {
  const change = failed(failure);
  const reason = failure.reason.case === "reason" ? failure.reason.value : undefined;
  if (reason === Condition_CommonReason.CONTAINER_MISSING) return { Ready: change, ContainerReady: change };
  if (reason === Condition_CommonReason.SECRETS_ACCESS_CHECK_FAILED) {
    return { Ready: change, ResourcesAvailable: change };
  }
  return { Ready: change, ContainerHealthy: change, ContainerReady: SUCCEEDED, ResourcesAvailable: SUCCEEDED };
}

const HEALTH_CHECK_SKIPPED: ConditionChange = {
  state: Condition_State.CONDITION_PENDING,
  severity: Condition_Severity.INFO,
  reasons: revisionReason(Condition_RevisionReason.HEALTH_CHECK_SKIPPED),
};

/** A time as Google writes it: "3.25s", "1m21.95s". */
export function elapsed(fromMs: number, toMs: number): string {
  const seconds = Math.max(0, toMs - fromMs) / 1000;
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds.toFixed(2)}s` : `${minutes}m${(seconds - minutes * 60).toFixed(2)}s`;
}
