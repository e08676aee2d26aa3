import type { CloudStorageConfig } from "../../../gen/google/pubsub/v1/pubsub_pb.js";

const DEFAULT_FORMAT = "YYYY-MM-DDThh:mm:ss+00:00";
/** Longer ones first, so that they are not read as shorter ones. */
const MATCHERS = /YYYY|YY|MM|DD|hh|mm|ss|\+00:00|T|Z/g;
const SEPARATORS = /^[-_:/]*$/;
const REQUIRED = [["YYYY", "YY"], ["MM"], ["DD"], ["hh"], ["mm"], ["ss"]];
const ONCE = [...REQUIRED, ["T"], ["Z", "+00:00"]];

/**
 * Why a filename_datetime_format is none: each part of a time has to be there once, T and time zone may be; undefined when
 * it is one. Google: Pub/Sub, "Create a Cloud Storage subscription", filename prefix, suffix and datetime.
 */
export function datetimeFormatProblem(format: string): string | undefined {
  if (format === "") return undefined;
  if (!SEPARATORS.test(format.replaceAll(MATCHERS, ""))) return "it has characters that stand for nothing";
  const used = format.match(MATCHERS) ?? [];
  const count = (matchers: readonly string[]) => used.filter((each) => matchers.includes(each)).length;
  if (REQUIRED.some((matchers) => count(matchers) === 0)) return "a part of the time is missing";
  return ONCE.some((matchers) => count(matchers) > 1) ? "a part of the time is there twice" : undefined;
}

/** The name of a file that is begun now: PREFIX, time in UTC, an underscore, a random text, SUFFIX. */
export function objectName(config: CloudStorageConfig, nowMs: number, random: string): string {
  const format = config.filenameDatetimeFormat || DEFAULT_FORMAT;
  const time = formatTime(format, nowMs);
  // Google: a format that ends in no matcher brings its own separator.
  const separator = /[-_:/]$/.test(format) ? "" : "_";
  return `${config.filenamePrefix}${time}${separator}${random}${config.filenameSuffix}`;
}

function formatTime(format: string, nowMs: number): string {
  const [date = "", rest = ""] = new Date(nowMs).toISOString().split("T");
  const [year = "", month = "", day = ""] = date.split("-");
  const [hour = "", minute = "", second = ""] = rest.slice(0, 8).split(":");
  const values: Readonly<Record<string, string>> = {
    YYYY: year,
    YY: year.slice(-2),
    MM: month,
    DD: day,
    hh: hour,
    mm: minute,
    ss: second,
  };
  return format.replaceAll(MATCHERS, (matcher) => values[matcher] ?? matcher);
}
