/** Longest and default life of an access token, seconds. Google: common.proto, GenerateAccessTokenRequest.lifetime. */
export const MAX_LIFETIME_SECONDS = 3600;
/** How far in the future a signed JWT may expire, seconds. Google: cloud.google.com/iam/docs/create-short-lived-credentials-direct. */
export const MAX_JWT_SECONDS = 12 * 3600;
