/** Largest payload of a version, bytes (cloud.google.com/secret-manager/quotas). */
export const MAX_PAYLOAD_BYTES = 64 * 1024;
/** Most labels, annotations' total size in bytes, and most aliases of a secret (resources.proto, Secret). */
export const MAX_LABELS = 64;
export const MAX_ANNOTATIONS_BYTES = 16 * 1024;
export const MAX_ALIASES = 50;
/** Shortest Secret.version_destroy_ttl, seconds (resources.proto: "at least 24h"). */
export const MIN_DESTROY_TTL_SECONDS = 24 * 3600;
export const PAGE_SIZES = { fallback: 25_000, most: 25_000 } as const;
