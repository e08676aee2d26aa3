/** Most service accounts of a project, without default ones. Google: cloud.google.com/iam/quotas. */
export const MAX_SERVICE_ACCOUNTS_PER_PROJECT = 100;
/** Most user-managed keys of a service account. Google: cloud.google.com/iam/quotas. */
export const MAX_KEYS_PER_SERVICE_ACCOUNT = 10;
/** Bytes in UTF-8. Google: iam.proto, ServiceAccount.display_name. */
export const MAX_DISPLAY_NAME_BYTES = 100;
/** Bytes in UTF-8. Google: iam.proto, ServiceAccount.description. */
export const MAX_DESCRIPTION_BYTES = 256;
/** Service accounts on a page by default and at most. Google: iam.proto, ListServiceAccountsRequest.page_size. */
export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;
