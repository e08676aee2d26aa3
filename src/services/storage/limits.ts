/** Limits that Google documents for Cloud Storage (cloud.google.com/storage/quotas, read 2026-11). */
export const LIMITS = {
  /** Largest object, bytes. */
  objectBytes: 5 * 1024 ** 4,
  objectNameBytes: 1024,
  /** Names and values of custom metadata of one object, together. */
  customMetadataBytes: 8192,
  /** JSON part of a request, bytes. */
  metadataBytes: 1024 * 1024,
  composeSources: 32,
  listPage: 1000,
  /** A resumable upload session lives this long. */
  uploadSessionMs: 7 * 24 * 60 * 60 * 1000,
  notificationConfigs: 100,
  notificationsOfOneEvent: 10,
  customAttributes: 5,
  customAttributeKeyBytes: 256,
  customAttributeValueBytes: 1024,
  readChunkBytes: 2 * 1024 * 1024,
} as const;
