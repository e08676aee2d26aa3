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
export const MAX_LOG_BYTES = 64 * 1024 ** 2;
/** Most substitutions of a build, longest key and longest value (cloud.google.com/build/docs/configuring-builds/substitute-variable-values). */
export const MAX_SUBSTITUTIONS = 200;
export const MAX_SUBSTITUTION_KEY_BYTES = 100;
export const MAX_SUBSTITUTION_VALUE_BYTES = 4000;
/** Most that substitutions may put into one build, characters. */
export const MAX_SUBSTITUTED_LENGTH = 4 * 1024 ** 2;
