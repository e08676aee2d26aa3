import { timestampDate } from "@bufbuild/protobuf/wkt";
import {
  type Condition,
  Condition_CommonReason,
  Condition_ExecutionReason,
  Condition_RevisionReason,
  Condition_Severity,
  Condition_State,
} from "../../../gen/google/cloud/run/v2/condition_pb.js";
import type { KnativeCondition } from "./knative.ts";

/** A v2 condition as v1 writes it; reasons are the same words in camel case: HealthCheckContainerError. */
export function conditionToKnative(condition: Condition): KnativeCondition {
  const reason = reasonOf(condition);
  const severity = SEVERITIES[condition.severity] ?? (NOT_TERMINAL.includes(condition.type) ? "Info" : undefined);
  const { lastTransitionTime } = condition;
  return {
    type: condition.type,
    status: statusOf(condition.state),
    ...(reason !== undefined && { reason }),
    ...(condition.message !== "" && { message: condition.message }),
    ...(severity !== undefined && { severity }),
    ...(lastTransitionTime && { lastTransitionTime: timestampDate(lastTransitionTime).toISOString() }),
  };
}

/** Conditions that do not decide whether their object is ready; Knative says so of each. */
const NOT_TERMINAL = ["Active"];

/** Errors are v1's default and not written. */
const SEVERITIES: Readonly<Partial<Record<Condition_Severity, string>>> = {
  [Condition_Severity.WARNING]: "Warning",
  [Condition_Severity.INFO]: "Info",
};

function statusOf(state: Condition_State): KnativeCondition["status"] {
  if (state === Condition_State.CONDITION_SUCCEEDED) return "True";
  return state === Condition_State.CONDITION_FAILED ? "False" : "Unknown";
}

function reasonOf({ reasons }: Condition): string | undefined {
  if (reasons.case === "reason") return camelCase(Condition_CommonReason[reasons.value]);
  if (reasons.case === "executionReason") return camelCase(Condition_ExecutionReason[reasons.value]);
  if (reasons.case === "revisionReason") return camelCase(Condition_RevisionReason[reasons.value]);
  return undefined;
}

function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
