import { durationMs } from "@bufbuild/protobuf/wkt";
import {
  type Build,
  BuildOptions_DefaultLogsBucketBehavior as LogsBucketBehavior,
  BuildOptions_LoggingMode as LoggingMode,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { invalidBuild, logsNeedADestination } from "./errors.ts";
import { MAX_DISK_GB, MAX_TAGS, MAX_TIMEOUT_SECONDS } from "./limits.ts";
import { validateSource } from "./source/validate-source.ts";
import { validateArtifacts } from "./validate-artifacts.ts";
import { validateSecrets } from "./secrets/validate-secrets.ts";
import { validateSteps } from "./validate-steps.ts";

const TAG = /^[\w][\w.-]{0,127}$/;
const SERVICE_ACCOUNT = /^projects\/[^/]+\/serviceAccounts\/[^/]+$/;
const BUCKET = /^(gs:\/\/)?[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;

/** Rejects with INVALID_ARGUMENT what Cloud Build refuses in a new build, and by name what homerun does not support. */
export function validateBuild(build: Build): void {
  validateSteps(build);
  if (build.tags.length > MAX_TAGS) throw invalidBuild("tags", `a build has at most ${MAX_TAGS} tags`);
  const badTag = build.tags.find((tag) => !TAG.test(tag) && !tag.includes("$"));
  if (badTag !== undefined) throw invalidBuild("tags", `tag "${badTag}" must match format "${TAG.source}"`);
  validateArtifacts(build);
  validateSecrets(build);
  checkDisk(build);
  validateSource(build);
  checkTimes(build);
  checkLogs(build);
}

function checkDisk({ options }: Build): void {
  const size = options?.diskSizeGb ?? 0n;
  if (size < 0n || size > MAX_DISK_GB)
    throw invalidBuild("options.disk_size_gb", `disk size must be between 0 and ${MAX_DISK_GB} GB`);
}

function checkTimes({ timeout, queueTtl }: Build): void {
  const seconds = timeout && durationMs(timeout) / 1000;
  if (seconds !== undefined && (seconds <= 0 || seconds > MAX_TIMEOUT_SECONDS))
    throw invalidBuild("timeout", `build timeout must be positive and at most ${MAX_TIMEOUT_SECONDS}s`);
  if (queueTtl && durationMs(queueTtl) <= 0) throw invalidBuild("queue_ttl", "queue_ttl must be positive");
}

function checkLogs({ serviceAccount, logsBucket, options }: Build): void {
  if (serviceAccount !== "" && !SERVICE_ACCOUNT.test(serviceAccount))
    throw invalidBuild("service_account", `invalid service account "${serviceAccount}"`);
  if (logsBucket !== "" && !BUCKET.test(logsBucket.split("/").slice(0, 3).join("/")))
    throw invalidBuild("logs_bucket", `invalid logs bucket "${logsBucket}"`);
  const isRegional = options?.defaultLogsBucketBehavior === LogsBucketBehavior.REGIONAL_USER_OWNED_BUCKET;
  const writesObject = options?.logging === LoggingMode.LEGACY || options?.logging === LoggingMode.GCS_ONLY;
  if (serviceAccount !== "" && logsBucket === "" && !isRegional && writesObject) throw logsNeedADestination();
}
