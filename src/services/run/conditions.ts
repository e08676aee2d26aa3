import { create } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Condition,
  type Condition_CommonReason,
  Condition_RevisionReason,
  ConditionSchema,
  Condition_Severity,
  Condition_State,
} from "../../gen/google/cloud/run/v2/condition_pb.js";
import type { Code } from "../../gen/google/rpc/code_pb.js";

/** Why something is not ready: what a condition says, and the code of the operation that fails with it. */
export interface Failure {
  readonly message: string;
  readonly reason: Condition["reasons"];
  readonly code: Code;
}

/** What a condition is to become. */
export interface ConditionChange {
  readonly state: Condition_State;
  readonly message?: string;
  readonly severity?: Condition_Severity;
  readonly reasons?: Condition["reasons"];
}

export const PENDING: ConditionChange = { state: Condition_State.CONDITION_PENDING };
export const RECONCILING: ConditionChange = { state: Condition_State.CONDITION_RECONCILING };
export const SUCCEEDED: ConditionChange = { state: Condition_State.CONDITION_SUCCEEDED };

/** The change that a failure makes. */
export function failed({ message, reason }: Failure): ConditionChange {
  return {
    state: Condition_State.CONDITION_FAILED,
    message,
    severity: Condition_Severity.ERROR,
    reasons: reason,
  };
}

/** A revision that gets no traffic: Google's "Revision retired." */
export const RETIRED: ConditionChange = {
  state: Condition_State.CONDITION_FAILED,
  message: "Revision retired.",
  severity: Condition_Severity.INFO,
  reasons: { case: "revisionReason", value: Condition_RevisionReason.RETIRED },
};

/** A revision that is ready and has never got traffic. */
export const RESERVED: ConditionChange = {
  state: Condition_State.CONDITION_FAILED,
  severity: Condition_Severity.INFO,
  reasons: { case: "revisionReason", value: Condition_RevisionReason.RESERVE },
};

/** A revision with minimum instances that gets no traffic: it has none of them. */
export const MIN_INSTANCES_NOT_PROVISIONED: ConditionChange = {
  state: Condition_State.CONDITION_FAILED,
  severity: Condition_Severity.INFO,
  reasons: { case: "revisionReason", value: Condition_RevisionReason.MIN_INSTANCES_NOT_PROVISIONED },
};

/** Failure reasons that hold for revisions. */
export function revisionReason(value: Condition_RevisionReason): Condition["reasons"] {
  return { case: "revisionReason", value };
}

/** Failure reasons that hold for everything. */
export function commonReason(value: Condition_CommonReason): Condition["reasons"] {
  return { case: "reason", value };
}

/** The condition `type` after `change`; it keeps its time when its state stays the same. */
export function conditionOf(
  type: string,
  previous: readonly Condition[],
  change: ConditionChange,
  nowMs: number,
): Condition {
  const before = previous.find((condition) => condition.type === type);
  const lastTransitionTime: Timestamp =
    before?.state === change.state && before.lastTransitionTime ? before.lastTransitionTime : timestampFromMs(nowMs);
  return create(ConditionSchema, {
    type,
    state: change.state,
    message: change.message ?? "",
    lastTransitionTime,
    severity: change.severity ?? Condition_Severity.SEVERITY_UNSPECIFIED,
    reasons: change.reasons ?? { case: undefined },
  });
}

/** Whether the conditions hold one of `type` in `state`. */
export function isInState(conditions: readonly Condition[], type: string, state: Condition_State): boolean {
  return conditions.some((condition) => condition.type === type && condition.state === state);
}

/** The conditions of these types in their order, changed as `changes` says by type; those that nobody has are left out. */
export function withChanges(
  types: readonly string[],
  previous: readonly Condition[],
  changes: Readonly<Record<string, ConditionChange>>,
  nowMs: number,
): Condition[] {
  return types.flatMap((type) => {
    const change = changes[type];
    if (change) return [conditionOf(type, previous, change, nowMs)];
    return previous.filter((condition) => condition.type === type);
  });
}
