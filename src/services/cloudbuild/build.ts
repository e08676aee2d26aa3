import { clone, create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { durationFromMs, durationMs, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Artifacts,
  ArtifactsSchema,
  type Build,
  Build_Status as Status,
  BuildOptions_DefaultLogsBucketBehavior as LogsBucketBehavior,
  BuildOptions_LoggingMode as LoggingMode,
  BuildOptionsSchema,
  BuildSchema,
  type BuildStep,
  BuildStepSchema,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { ResourceRow } from "../../platform/store/resource-table.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { pendingApproval } from "./approvals/approval.ts";
import { type BuildName, formatBuildName, logUrlOf, parseBuildName, publicBuildName } from "./build-name.ts";
import { DEFAULT_QUEUE_TTL_SECONDS, DEFAULT_TIMEOUT_SECONDS } from "./limits.ts";

/** Where a build's log goes. */
export interface LogDestinations {
  /** Bucket of log-ID.txt; undefined when no object is written. */
  readonly bucket: string | undefined;
  readonly cloudLogging: boolean;
}

/** A new build as it is stored: what the client sent, and everything that Cloud Build fills in. */
export function newBuild(request: Build, name: BuildName, nowMs: number, defaultLogging: LoggingMode): Build {
  const build = clone(BuildSchema, request);
  build.id = name.id;
  build.name = publicBuildName(name);
  build.projectId = name.project;
  build.status = build.approval ? Status.PENDING : Status.QUEUED;
  build.createTime = timestampFromMs(nowMs);
  build.timeout ??= durationFromMs(DEFAULT_TIMEOUT_SECONDS * 1000);
  build.queueTtl ??= durationFromMs(DEFAULT_QUEUE_TTL_SECONDS * 1000);
  build.options ??= create(BuildOptionsSchema);
  build.options.logging ||= request.serviceAccount === "" ? defaultLogging : LoggingMode.CLOUD_LOGGING_ONLY;
  build.serviceAccount ||= `projects/${name.project}/serviceAccounts/${defaultServiceAccountOf(name.project)}`;
  build.logUrl = logUrlOf(name);
  const { bucket } = logDestinationsOf(build, name);
  if (bucket) build.logsBucket = bucket;
  return build;
}

/** What a retry of a build starts from: the fields that a client sets. */
export function requestOf(build: Build): Build {
  const { source, timeout, queueTtl, options, buildTriggerId, approval } = build;
  const steps = build.steps.map(requestedStep);
  const { images, artifacts, logsBucket, substitutions, tags, serviceAccount, secrets, availableSecrets } = build;
  return create(BuildSchema, {
    steps,
    images,
    logsBucket,
    substitutions,
    tags,
    serviceAccount,
    secrets,
    ...(availableSecrets && { availableSecrets }),
    buildTriggerId,
    // A build that needed approval needs it again.
    ...(approval?.config && { approval: pendingApproval(approval.config) }),
    ...(artifacts && { artifacts: requestedArtifacts(artifacts) }),
    ...(source && { source }),
    ...(timeout && { timeout }),
    ...(queueTtl && { queueTtl }),
    ...(options && { options }),
  });
}

function requestedStep(step: BuildStep): BuildStep {
  const requested = clone(BuildStepSchema, step);
  delete requested.timing;
  delete requested.pullTiming;
  requested.status = Status.STATUS_UNKNOWN;
  requested.exitCode = 0;
  return requested;
}

function requestedArtifacts(artifacts: Artifacts): Artifacts {
  const requested = clone(ArtifactsSchema, artifacts);
  if (requested.objects) delete requested.objects.timing;
  return requested;
}

/** Google's build service account of a project (cloud.google.com/build/docs/cloud-build-service-account). */
export function defaultServiceAccountOf(project: string): string {
  return `${projectNumberOf(project)}@cloudbuild.gserviceaccount.com`;
}

/** Where the log of a build goes. Google: cloudbuild.proto, BuildOptions.LoggingMode. */
export function logDestinationsOf(build: Build, name: BuildName): LogDestinations {
  const logging = build.options?.logging ?? LoggingMode.LEGACY;
  const isBucketless = [LoggingMode.NONE, LoggingMode.CLOUD_LOGGING_ONLY, LoggingMode.STACKDRIVER_ONLY].includes(
    logging,
  );
  const cloudLogging = logging !== LoggingMode.NONE && logging !== LoggingMode.GCS_ONLY;
  return { bucket: isBucketless ? undefined : build.logsBucket || defaultLogsBucket(build, name), cloudLogging };
}

function defaultLogsBucket({ options }: Build, { project, location }: BuildName): string {
  const number = projectNumberOf(project);
  const isRegional = options?.defaultLogsBucketBehavior === LogsBucketBehavior.REGIONAL_USER_OWNED_BUCKET;
  return isRegional && location !== "global"
    ? `gs://${number}-${location}-cloudbuild-logs`
    : `gs://${number}.cloudbuild-logs.googleusercontent.com`;
}

/** True once a build's status does not change any more. */
export function isFinished(build: Build): boolean {
  return build.status !== Status.PENDING && !isUnderWay(build);
}

/** True while there is work to do or to wait for; a build that needs approval holds no place in the queue. */
function isUnderWay({ status }: Build): boolean {
  return status === Status.QUEUED || status === Status.WORKING;
}

/** When a queued build expires, milliseconds since the epoch; one that needed approval waits since it has it. */
export function expiryMsOf({ queueTtl, approval }: Build, createTimeMs: number): number {
  const approvalTime = approval?.result?.approvalTime;
  const queuedMs = approvalTime ? timestampMs(approvalTime) : createTimeMs;
  return queuedMs + (queueTtl ? durationMs(queueTtl) : DEFAULT_QUEUE_TTL_SECONDS * 1000);
}

/** The row of a build that was just made. */
export function newRow(name: BuildName, build: Build, nowMs: number): ResourceRow {
  const key = formatBuildName(name);
  return {
    name: key,
    parent: key.slice(0, key.lastIndexOf("/builds/")),
    uid: name.id,
    generation: 1,
    version: 1,
    message: toJsonString(BuildSchema, build),
    unfinished: isUnderWay(build),
    createTimeMs: nowMs,
    updateTimeMs: nowMs,
  };
}

/** The row with another state of its build. */
export function rowWith(row: ResourceRow, build: Build, nowMs: number): ResourceRow {
  return { ...row, message: toJsonString(BuildSchema, build), unfinished: isUnderWay(build), updateTimeMs: nowMs };
}

/** The build of a row. */
export function buildOf(row: ResourceRow): Build {
  return fromJsonString(BuildSchema, row.message);
}

/** The name of a row's build. */
export function nameOf(row: ResourceRow): BuildName {
  return parseBuildName(row.name);
}
