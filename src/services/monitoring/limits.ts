/** How long points are kept. Google: Cloud Monitoring, "Data retention", six weeks at full resolution. */
export const RETENTION_MS = 42 * 24 * 3_600_000;
export const RETENTION_CHECK_MS = 3_600_000;
/** Google: CreateTimeSeriesRequest.time_series. */
export const MAX_SERIES_PER_WRITE = 200;
/** Google: ListTimeSeriesRequest.page_size: at most 100,000 points; here of series, since these are paged. */
export const DEFAULT_PAGE_SIZE = 10_000;
export const MAX_PAGE_SIZE = 100_000;
export const DEFAULT_DESCRIPTORS_PAGE_SIZE = 10_000;
/** Google: custom metrics, points may be no older than 25 hours and no more than 5 minutes ahead. */
export const MAX_POINT_AGE_MS = 25 * 3_600_000;
export const MAX_POINT_LEAD_MS = 5 * 60_000;
/** Google: Aggregation.alignment_period. */
export const MIN_ALIGNMENT_MS = 60_000;
export const MAX_ALIGNMENT_MS = 104 * 7 * 24 * 3_600_000;
