import { durationMs } from "@bufbuild/protobuf/wkt";
import {
  type Build,
  BuildOptions_DefaultLogsBucketBehavior as LogsBucketBehavior,
  BuildOptions_LoggingMode as LoggingMode,
  BuildOptions_VerifyOption as VerifyOption,
  type BuildOptions,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { unsupportedField } from "../../wire/errors.ts";
import { invalidBuild, logsNeedADestination } from "./errors.ts";
import { MAX_IMAGES, MAX_STEPS, MAX_TAGS, MAX_TIMEOUT_SECONDS } from "./limits.ts";

const TAG = /^[\w][\w.-]{0,127}$/;
const SERVICE_ACCOUNT = /^projects\/[^/]+\/serviceAccounts\/[^/]+$/;
const BUCKET = /^(gs:\/\/)?[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;

/** Rejects with INVALID_ARGUMENT what Cloud Build refuses in a new build, and by name what homerun does not support. */
export function validateBuild(build: Build): void {
  refuseUnsupported(build);
  if (build.steps.length === 0) throw invalidBuild("steps", "no build steps specified");
  if (build.steps.length > MAX_STEPS) throw invalidBuild("steps", `a build has at most ${MAX_STEPS} steps`);
  if (build.tags.length > MAX_TAGS) throw invalidBuild("tags", `a build has at most ${MAX_TAGS} tags`);
  if (build.images.length > MAX_IMAGES) throw invalidBuild("images", `a build has at most ${MAX_IMAGES} images`);
  const badTag = build.tags.find((tag) => !TAG.test(tag) && !tag.includes("$"));
  if (badTag !== undefined) throw invalidBuild("tags", `tag "${badTag}" must match format "${TAG.source}"`);
  checkSource(build);
  checkTimes(build);
  checkLogs(build);
}

function checkSource({ source }: Build): void {
  if (source?.source.case !== "storageSource") return;
  const { bucket, object } = source.source.value;
  if (!BUCKET.test(bucket) || bucket.startsWith("gs://"))
    throw invalidBuild("source.storage_source.bucket", `invalid bucket name "${bucket}"`);
  if (object === "") throw invalidBuild("source.storage_source.object", "the object of the source must be given");
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

function refuseUnsupported(build: Build): void {
  const { source, options } = build;
  const sourceCase = source?.source.case;
  if (sourceCase !== undefined && sourceCase !== "storageSource")
    throw unsupportedField(`build.source.${sourceCase.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`);
  if (build.artifacts) throw unsupportedField("build.artifacts");
  if (build.secrets.length > 0) throw unsupportedField("build.secrets");
  if (build.availableSecrets) throw unsupportedField("build.available_secrets");
  if (build.gitConfig) throw unsupportedField("build.git_config");
  if (build.dependencies.length > 0) throw unsupportedField("build.dependencies");
  const option = options && unsupportedOption(options);
  if (option) throw unsupportedField(`build.options.${option}`);
}

function unsupportedOption(options: BuildOptions): string | undefined {
  if (options.sourceProvenanceHash.length > 0) return "source_provenance_hash";
  if (options.requestedVerifyOption === VerifyOption.VERIFIED) return "requested_verify_option";
  if (options.diskSizeGb !== 0n) return "disk_size_gb";
  if (options.workerPool !== "") return "worker_pool";
  // Google itself answers `pool: {}` for builds of the default pool, and clients send it back.
  if (options.pool && options.pool.name !== "") return "pool";
  if (options.secretEnv.length > 0) return "secret_env";
  if (options.volumes.length > 0) return "volumes";
  return options.enableStructuredLogging ? "enable_structured_logging" : undefined;
}
