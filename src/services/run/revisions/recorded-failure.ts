import {
  type Condition,
  Condition_CommonReason,
  Condition_RevisionReason,
} from "../../../gen/google/cloud/run/v2/condition_pb.js";
import type { Revision } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import type { Failure } from "../conditions.ts";

/** The failure that a revision's own condition tells; undefined when it tells none. */
export function recordedFailure(revision: Revision): Failure | undefined {
  const ready = revision.conditions.find(({ type }) => type === "Ready");
  return ready && { message: ready.message, reason: ready.reasons, code: codeOf(ready.reasons) };
}

/** The code of the operation that a failure with this reason ends. */
function codeOf(reasons: Condition["reasons"]): Code {
  if (reasons.case === "revisionReason" && reasons.value === Condition_RevisionReason.HEALTH_CHECK_CONTAINER_ERROR) {
    return Code.FAILED_PRECONDITION;
  }
  if (reasons.case === "reason" && reasons.value === Condition_CommonReason.CONTAINER_MISSING) return Code.NOT_FOUND;
  return Code.INTERNAL;
}
