/** Largest plaintext and additional data of software keys, bytes. Google: service.proto, EncryptRequest.plaintext. */
export const MAX_DATA_BYTES = 64 * 1024;
/** Random bytes a call gives. Google: service.proto, GenerateRandomBytesRequest.length_bytes. */
export const RANDOM_BYTES = { least: 8, most: 1024 } as const;

const DAY_MS = 24 * 3600 * 1000;

/** Time between rotations. Google: resources.proto, CryptoKey.rotation_period. */
export const ROTATION_PERIOD_MS = { least: DAY_MS, most: 876_000 * 3600 * 1000 } as const;
/** Time that destroyed versions can be restored in. Google: cloud.google.com/kms/docs/destroy-restore. */
export const DESTROY_SCHEDULED_MS = { least: DAY_MS, most: 120 * DAY_MS, default: 30 * DAY_MS } as const;
/** How long an import job can be used. Google: cloud.google.com/kms/docs/importing-a-key. */
export const IMPORT_JOB_LIFE_MS = 3 * DAY_MS;
/** Google: cloud.google.com/kms/docs/labeling-keys. */
export const MAX_LABELS = 64;

export const PAGE_SIZES = { fallback: 100, most: 1000 } as const;
