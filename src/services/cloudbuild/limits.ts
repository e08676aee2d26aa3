/** Default Build.timeout, seconds. Google: cloudbuild.proto, Build.timeout ("Default time is 60 minutes"). */
export const DEFAULT_TIMEOUT_SECONDS = 3600;
/** Longest Build.timeout, seconds (cloud.google.com/build/quotas: 24 hours). */
export const MAX_TIMEOUT_SECONDS = 24 * 3600;
/** Default Build.queue_ttl, seconds (cloud.google.com/build/docs/build-config-file-schema: queueTtl, 3600 s). */
export const DEFAULT_QUEUE_TTL_SECONDS = 3600;
/** Most steps, tags and images of a build (cloud.google.com/build/quotas). */
export const MAX_STEPS = 300;
export const MAX_TAGS = 64;
export const MAX_IMAGES = 100;
/** Largest source archive, bytes. */
export const MAX_ARCHIVE_BYTES = 1024 ** 3;
/** Most that an archive may unpack to, bytes. */
export const MAX_UNPACKED_BYTES = 4 * 1024 ** 3;
/** Most files and folders in an archive. */
export const MAX_ENTRIES = 200_000;
/** An archive that unpacks to more than this many bytes must not be more than MAX_RATIO times smaller than that. */
export const RATIO_CHECKED_FROM_BYTES = 64 * 1024 ** 2;
export const MAX_RATIO = 200;
/** Largest log of one build, bytes; what comes after is cut off. */
export const MAX_LOG_BYTES = 32 * 1024 ** 2;
/** Most substitutions of a build, longest key and longest value (cloud.google.com/build/docs/configuring-builds/substitute-variable-values). */
export const MAX_SUBSTITUTIONS = 200;
export const MAX_SUBSTITUTION_KEY_BYTES = 100;
export const MAX_SUBSTITUTION_VALUE_BYTES = 4000;
/** Most that substitutions may put into one build, characters. */
export const MAX_SUBSTITUTED_LENGTH = 4 * 1024 ** 2;
/** How long after a build its images are looked into, milliseconds. */
export const SBOM_DELAY_MS = 5000;
/** Longest time for one fetch from a git repository, ms. */
export const MAX_GIT_FETCH_MS = 10 * 60_000;
/** Longest and most of what a step has (cloud.google.com/build/quotas). */
export const MAX_NAME_LENGTH = 1000;
export const MAX_ARGS = 100;
export const MAX_ARG_LENGTH = 10_000;
export const MAX_DIR_LENGTH = 1000;
export const MAX_ENVS = 100;
export const MAX_ENV_LENGTH = 65_536;
/** Most globs of Artifacts.objects. */
export const MAX_ARTIFACT_PATHS = 100;
/** BuildOptions.disk_size_gb: default, and most. Google: cloudbuild.proto; build-config-file-schema, "diskSizeGb". */
export const DEFAULT_DISK_GB = 100;
export const MAX_DISK_GB = 4000;
/** Most secret variables of a build, and the longest encrypted value, bytes (cloudbuild.proto, Secret.secret_env). */
export const MAX_SECRETS = 100;
export const MAX_SECRET_BYTES = 64 * 1024;
