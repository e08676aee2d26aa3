/** Page size of lists that ask for none, and the largest one. Google: eventarc.proto says that the service may send fewer. */
export const DEFAULT_PAGE_SIZE = 100;
export const MAX_PAGE_SIZE = 1000;
/** How long a trigger may stay unfinished through errors that another try may heal. */
export const PATIENCE_MS = 10 * 60_000;
/** How long a channel's activation token is good for. */
export const ACTIVATION_TOKEN_MS = 24 * 3_600_000;
/** Labels of a resource. Google: cloud.google.com/resource-manager/docs/labels-overview. */
export const MAX_LABELS = 64;
