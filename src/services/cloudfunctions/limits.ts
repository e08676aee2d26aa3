/** Longest function id (functions.proto, CreateFunctionRequest.function_id). */
export const MAX_FUNCTION_ID = 63;
/** serviceConfig.timeoutSeconds: default and, for HTTP functions, longest (cloud.google.com/functions/quotas). */
export const DEFAULT_TIMEOUT_SECONDS = 60;
export const MAX_TIMEOUT_SECONDS = 3600;
/** Longest timeout of an event-driven function (cloud.google.com/functions/quotas, "Max function duration"). */
export const MAX_EVENT_TIMEOUT_SECONDS = 540;
/** serviceConfig.maxInstanceCount where it is not given (cloud.google.com/functions/docs/configuring/max-instances). */
export const DEFAULT_MAX_INSTANCES = 100;
export const MAX_INSTANCES = 1000;
/** serviceConfig.maxInstanceRequestConcurrency: default and highest (cloud.google.com/functions/docs/configuring/concurrency). */
export const DEFAULT_CONCURRENCY = 1;
export const MAX_CONCURRENCY = 1000;
/** serviceConfig.availableMemory where it is not given (functions.proto, ServiceConfig.available_memory). */
export const DEFAULT_MEMORY = "256M";
/** Most labels of a resource (cloud.google.com/resource-manager/docs/creating-managing-labels). */
export const MAX_LABELS = 64;
/** Largest source archive that an upload URL takes, bytes. */
export const MAX_UPLOAD_BYTES = 1024 ** 3;
/** How long an upload URL and a download URL are valid (functions.proto: "within 30 minutes of generation"). */
export const URL_SECONDS = 30 * 60;
/** How long an uploaded archive is kept in the upload bucket. */
export const UPLOAD_KEPT_MS = 24 * 3600 * 1000;
/** How many versions of a function's source stay in the source bucket. */
export const SOURCE_VERSIONS_KEPT = 3;
/** How long a deployment that meets only internal errors is tried before it fails. */
export const PATIENCE_MS = 2 * 60 * 1000;
/** Timeout of a function's build, seconds. */
export const BUILD_TIMEOUT_SECONDS = 20 * 60;
