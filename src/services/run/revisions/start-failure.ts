import { Condition_CommonReason, Condition_RevisionReason } from "../../../gen/google/cloud/run/v2/condition_pb.js";
import type { Revision } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import type { StartOutcome } from "../../../instances/serving.ts";
import { commonReason, type Failure, revisionReason } from "../conditions.ts";
import { mainContainerOf } from "../templates/main-container.ts";
import { lastSegment } from "../names.ts";
import { isDefaultStartupProbe } from "../templates/container-defaults.ts";

type Failed = Extract<StartOutcome, { ready: false }>;

const MORE = "Logs for this revision might contain more information.";

/** What Cloud Run says of a revision whose instance did not start, with the container's own last lines. */
export function startFailure(revision: Revision, outcome: Failed): Failure {
  const container = revision.containers.find(({ name }) => name === outcome.container);
  const { image = "" } = container ?? mainContainerOf(revision.containers) ?? {};
  if (outcome.reason === "IMAGE_NOT_FOUND") return imageNotFound(image);
  if (outcome.reason === "IMAGE_NOT_SUPPORTED") return imageNotSupported(image, outcome.message);
  if (outcome.reason === "IMAGE_NOT_USABLE") return imageNotImported(outcome.message);
  if (outcome.reason === "SECRET_NOT_ACCESSIBLE") return secretNotAccessible(outcome.message);
  if (outcome.reason === "RUNTIME") {
    const message = `The instance could not be started. ${outcome.message}`;
    return { message, reason: commonReason(Condition_CommonReason.INTERNAL), code: Code.INTERNAL };
  }
  // That nobody listens is what Google's sentence says already.
  const cause = outcome.reason === "NOT_LISTENING" ? [] : [outcome.message];
  return {
    message: [healthCheckMessage(revision), ...cause, ...logLines(outcome.logTail), ...logLinks(revision)].join("\n"),
    reason: revisionReason(Condition_RevisionReason.HEALTH_CHECK_CONTAINER_ERROR),
    code: Code.FAILED_PRECONDITION,
  };
}

/** A secret of a variable or a volume may not be read, or is not there. */
function secretNotAccessible(message: string): Failure {
  const reason = commonReason(Condition_CommonReason.SECRETS_ACCESS_CHECK_FAILED);
  return { message, reason, code: Code.INTERNAL };
}

/** The image's registry does not have it. Google's words. */
export function imageNotFound(image: string): Failure {
  return {
    message: `Image '${image}' not found.`,
    reason: commonReason(Condition_CommonReason.CONTAINER_MISSING),
    code: Code.NOT_FOUND,
  };
}

/** The image has no part for this machine's processor; `why` says what it would need to have. Google's words. */
function imageNotSupported(image: string, why: string): Failure {
  return {
    message: `Cloud Run does not support image '${image}': ${why}`,
    reason: commonReason(Condition_CommonReason.CONTAINER_MISSING),
    code: Code.FAILED_PRECONDITION,
  };
}

/** The image is damaged, or its registry did not deliver it. Google's words, and what is wrong. */
function imageNotImported(why: string): Failure {
  return {
    message: `Container import failed: ${why}`,
    reason: commonReason(Condition_CommonReason.CONTAINER_MISSING),
    code: Code.FAILED_PRECONDITION,
  };
}

/** The image's registry could not be asked. */
export function imageNotReachable(image: string, why: string): Failure {
  return {
    message: `Image '${image}' could not be looked up: ${why}`,
    reason: commonReason(Condition_CommonReason.CONTAINER_MISSING),
    code: Code.UNAVAILABLE,
  };
}

/** The same failure as the service tells it. Google's words. */
export function revisionNotReady(revisionName: string, failure: Failure): Failure {
  const revision = lastSegment(revisionName);
  return { ...failure, message: `Revision '${revision}' is not ready and cannot serve traffic. ${failure.message}` };
}

/** Traffic is to go to revisions that do not exist. Google's words and code. */
export function revisionMissing(revision: string): Failure {
  return {
    message: `Revision '${revision}' does not exist or is deleted. Update all traffic to route to currently available revisions.`,
    reason: commonReason(Condition_CommonReason.UNKNOWN),
    code: Code.INTERNAL,
  };
}

function healthCheckMessage({ containers }: Revision): string {
  const container = mainContainerOf(containers);
  const probe = container?.startupProbe;
  if (probe && !isDefaultStartupProbe(probe)) {
    return `The user-provided container failed the configured startup probe checks. ${MORE}`;
  }
  const port = container?.ports[0]?.containerPort;
  if (port === undefined) return `The user-provided container failed to start. ${MORE}`;
  return `The user-provided container failed to start and listen on the port defined provided by the PORT=${port} environment variable within the allocated timeout. This can happen when the container port is misconfigured or if the timeout is too short. The health check timeout can be extended. ${MORE}`;
}

function logLines(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", "Last lines of the container's log:", ...lines];
}

function logLinks({ logUri }: Revision): string[] {
  const guide = "https://cloud.google.com/run/docs/troubleshooting#container-failed-to-start";
  return ["", `Logs URL: ${logUri}`, `For more troubleshooting guidance, see ${guide}`];
}
