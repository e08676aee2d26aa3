import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Queue } from "../../../gen/google/cloud/tasks/v2/queue_pb.js";
import type { HttpTarget } from "../../../gen/google/cloud/tasks/v2/target_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { checkAuthorization } from "../../../wire/targets/authorization.ts";
import { invalidField } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { parseQueueName } from "../names.ts";

const HIGHEST_PORT = 65_535;

/** Rejects a queue, defaults in place, that Cloud Tasks does not take, or that homerun does not support. */
export function validateQueue(queue: Queue): void {
  parseQueueName(queue.name, "queue.name");
  if (queue.appEngineRoutingOverride) throw unsupportedField("queue.app_engine_routing_override");
  checkRates(queue);
  checkRetries(queue);
  if (queue.httpTarget) checkHttpTarget(queue.httpTarget);
  const ratio = queue.stackdriverLoggingConfig?.samplingRatio ?? 0;
  if (!(ratio >= 0 && ratio <= 1))
    throw invalidField(
      "queue.stackdriver_logging_config.sampling_ratio",
      "StackdriverLoggingConfig.samplingRatio must be in the interval [0.0, 1.0].",
    );
}

function checkRates({ rateLimits }: Queue): void {
  const { maxDispatchesPerSecond: rate, maxConcurrentDispatches: concurrent } = rateLimits!;
  if (!(rate > 0 && rate <= LIMITS.dispatchesPerSecond))
    throw invalidField(
      "queue.rate_limits.max_dispatches_per_second",
      `RateLimits.maxDispatchesPerSecond must be greater than 0 and at most ${LIMITS.dispatchesPerSecond}.`,
    );
  if (concurrent < 1 || concurrent > LIMITS.concurrentDispatches)
    throw invalidField(
      "queue.rate_limits.max_concurrent_dispatches",
      `RateLimits.maxConcurrentDispatches must be in the interval [1, ${LIMITS.concurrentDispatches}].`,
    );
}

function checkRetries({ retryConfig }: Queue): void {
  const { maxAttempts, maxRetryDuration, minBackoff, maxBackoff, maxDoublings } = retryConfig!;
  const field = (name: string) => `queue.retry_config.${name}`;
  if (maxAttempts < -1) throw invalidField(field("max_attempts"), "RetryConfig.maxAttempts must be >= -1.");
  if (maxDoublings < 0) throw invalidField(field("max_doublings"), "RetryConfig.maxDoublings must not be negative.");
  if (maxRetryDuration && durationMs(maxRetryDuration) < 0)
    throw invalidField(field("max_retry_duration"), "RetryConfig.maxRetryDuration must not be negative.");
  if (durationMs(minBackoff!) < 0)
    throw invalidField(field("min_backoff"), "RetryConfig.minBackoff must not be negative.");
  if (durationMs(minBackoff!) > durationMs(maxBackoff!))
    throw invalidField(
      field("min_backoff"),
      "RetryConfig.minBackoff must be less than or equal to RetryConfig.maxBackoff.",
    );
}

function checkHttpTarget({ uriOverride, authorizationHeader, headerOverrides }: HttpTarget): void {
  const field = (name: string) => `queue.http_target.${name}`;
  checkAuthorization(authorizationHeader, "queue.http_target");
  const { host, port } = uriOverride ?? {};
  if (host !== undefined && host !== "" && URL.parse(`http://${host}/`)?.hostname !== host.toLowerCase())
    throw invalidField(field("uri_override.host"), "UriOverride.host must be a host name without scheme and port.");
  if (port !== undefined && (port < 1n || port > HIGHEST_PORT))
    throw invalidField(field("uri_override.port"), `UriOverride.port must be in the interval [1, ${HIGHEST_PORT}].`);
  for (const { header } of headerOverrides)
    if (!/^[!#$%&'*+.^`|~\w-]+$/.test(header?.key ?? "") || /[\r\n\0]/.test(header?.value ?? ""))
      throw invalidField(
        field("header_overrides"),
        `HttpTarget.headerOverrides holds an invalid header: ${header?.key}`,
      );
}
