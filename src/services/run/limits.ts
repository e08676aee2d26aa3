/** Longest service name. Google: service.proto, CreateServiceRequest.service_id. */
export const MAX_SERVICE_NAME = 49;
/** Longest revision name: a DNS label. */
export const MAX_REVISION_NAME = 63;
/** Google: service.proto, Service.description. */
export const MAX_DESCRIPTION = 512;
/** Google: Cloud Run docs, custom audiences: characters of all of them. */
export const MAX_AUDIENCES_LENGTH = 32_768;
/** Google: Cloud Run quotas, maximum concurrent requests per instance. */
export const MAX_CONCURRENCY = 1000;
/** Google: Cloud Run quotas, maximum time before timeout, seconds. */
export const MAX_TIMEOUT_SECONDS = 3600;
/** Instances a revision may have when its template does not say. Google: vendor_settings.proto, RevisionScaling. */
export const DEFAULT_MAX_INSTANCES = 100;
/** Google: Cloud Run, default request timeout, seconds. */
export const DEFAULT_TIMEOUT_SECONDS = 300;
/** Google: revision_template.proto, max_instance_request_concurrency. */
export const DEFAULT_CONCURRENCY = 80;
export const DEFAULT_PORT = 8080;
export const DEFAULT_CPU = "1000m";
export const DEFAULT_MEMORY = "512Mi";
/** Google's default startup probe: one TCP probe that may take 240 s. */
export const DEFAULT_PROBE_SECONDS = 240;
/** Longest value of an environment variable. Google: k8s.min.proto, EnvVar. */
export const MAX_ENV_VALUE_BYTES = 32_768;
/** Longest name of an environment variable. Google: k8s.min.proto, EnvVar. */
export const MAX_ENV_NAME = 32_768;
/** Google: Cloud Run quotas, maximum number of revisions per service; older ones that get no traffic are deleted. */
export const MAX_REVISIONS = 1000;
/** Google: Cloud Run quotas, maximum number of containers per instance. */
export const MAX_CONTAINERS = 10;
/** Permission bits of a secret volume's files. Google: k8s.min.proto, SecretVolumeSource. */
export const DEFAULT_SECRET_MODE = 0o444;
/** Page size of lists when none is asked for, and the largest one. */
export const DEFAULT_PAGE_SIZE = 100;
export const MAX_PAGE_SIZE = 1000;
