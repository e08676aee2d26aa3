import { durationMs } from "@bufbuild/protobuf/wkt";
import type { CloudStorageConfig } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { datetimeFormatProblem } from "../cloud-storage/object-name.ts";
import { type Bounds, checkBounds, invalidField } from "./errors.ts";

const FIELD = "subscription.cloud_storage_config";
const BUCKET = /^[a-z\d][a-z\d._-]{1,220}[a-z\d]$/;
const DURATION: Bounds = { min: 60, max: 600, unit: "s" };
const BYTES: Bounds = { min: 1000, max: 10 * 1024 ** 3 };
const MESSAGES: Bounds = { min: 1000, max: Number.MAX_SAFE_INTEGER };

/** Rejects a configuration of files in Cloud Storage out of form. Google: pubsub.proto, CloudStorageConfig. */
export function checkCloudStorageConfig(config: CloudStorageConfig, ackDeadlineSeconds: number): void {
  if (!BUCKET.test(config.bucket))
    throw invalidField(`${FIELD}.bucket`, `Invalid Cloud Storage bucket name: ${config.bucket}.`);
  if (config.filenameSuffix.endsWith("/"))
    throw invalidField(`${FIELD}.filename_suffix`, 'The filename suffix must not end in "/".');
  checkDatetimeFormat(config.filenameDatetimeFormat);
  if (config.maxDuration) {
    const seconds = durationMs(config.maxDuration) / 1000;
    checkBounds(`${FIELD}.max_duration`, seconds, DURATION);
    if (seconds > ackDeadlineSeconds)
      throw invalidField(
        `${FIELD}.max_duration`,
        "The max_duration may not exceed the subscription's acknowledgment deadline.",
      );
  }
  if (config.maxBytes !== 0n) checkBounds(`${FIELD}.max_bytes`, Number(config.maxBytes), BYTES);
  if (config.maxMessages !== 0n) checkBounds(`${FIELD}.max_messages`, Number(config.maxMessages), MESSAGES);
}

function checkDatetimeFormat(format: string): void {
  const problem = datetimeFormatProblem(format);
  if (problem !== undefined)
    throw invalidField(`${FIELD}.filename_datetime_format`, `Invalid datetime format: ${format}: ${problem}.`);
}
