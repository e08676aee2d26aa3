import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type ApprovalConfig,
  type ApprovalResult,
  ApprovalResult_Decision as Decision,
  ApprovalResultSchema,
  type Build,
  Build_Status as Status,
  type BuildApproval,
  BuildApproval_State as State,
  BuildApprovalSchema,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { failedPrecondition, invalidArgument } from "../../../wire/errors.ts";

const MAX_COMMENT_LENGTH = 1000;

/** The approval of a build that waits for one. */
export function pendingApproval(config: ApprovalConfig): BuildApproval {
  return create(BuildApprovalSchema, { config, state: State.PENDING });
}

/** Rejects with INVALID_ARGUMENT a result that says neither yes nor no, and URLs that are none. */
export function checkResult(result: ApprovalResult | undefined): ApprovalResult {
  const { decision = Decision.DECISION_UNSPECIFIED, url = "", comment = "" } = result ?? {};
  if (!result || (decision !== Decision.APPROVED && decision !== Decision.REJECTED))
    throw invalidResult("decision", "decision must be APPROVED or REJECTED");
  if (url !== "" && !/^https?:$/.test(URL.parse(url)?.protocol ?? "")) throw invalidResult("url", "invalid URL");
  if (comment.length > MAX_COMMENT_LENGTH) throw invalidResult("comment", "the comment is too long");
  return result;
}

/**
 * Writes a decision into a build that waits for it: an approved build is queued, a rejected one ends as CANCELLED. Throws
 * FAILED_PRECONDITION for a build that does not wait. Google: cloudbuild.proto, ApproveBuild.
 */
export function decide(build: Build, result: ApprovalResult, approver: string, nowMs: number): void {
  if (build.status !== Status.PENDING || build.approval?.state !== State.PENDING)
    throw failedPrecondition(`Build ${build.id} is not pending approval.`);
  const isApproved = result.decision === Decision.APPROVED;
  const { decision, comment, url } = result;
  build.approval.state = isApproved ? State.APPROVED : State.REJECTED;
  const given = { decision, comment, url, approverAccount: approver, approvalTime: timestampFromMs(nowMs) };
  build.approval.result = create(ApprovalResultSchema, given);
  build.status = isApproved ? Status.QUEUED : Status.CANCELLED;
  if (!isApproved) build.finishTime = timestampFromMs(nowMs);
}

function invalidResult(field: string, problem: string) {
  return invalidArgument(`invalid approval result: ${problem}`, [
    { field: `approval_result.${field}`, description: problem },
  ]);
}
