import { Code } from "../../../src/gen/google/rpc/code_pb.js";
import { parseFilter as parseSeriesFilter } from "../../../src/services/monitoring/query/filter.ts";
import { parseQuery } from "../../../src/services/logging/query/parse-query.ts";
import { compileFilter } from "../../../src/services/pubsub/filter/compile-filter.ts";
import { compileGlob } from "../../../src/services/storage/objects/glob.ts";
import { ApiError } from "../../../src/wire/errors.ts";
import { parseFilter } from "../../../src/wire/filter/parse-filter.ts";
import { compileCondition } from "../../../src/wire/iam/access/conditions.ts";
import { type FuzzTarget, onlyThrows } from "../target.ts";

const isInvalidArgument = (error: unknown) => error instanceof ApiError && error.code === Code.INVALID_ARGUMENT;

/** A language whose parser rejects with INVALID_ARGUMENT. */
function language(name: string, seeds: readonly string[], words: readonly string[], parse: (text: string) => unknown) {
  const run = async (input: Buffer) => void (await onlyThrows(() => parse(input.toString()), isInvalidArgument));
  return { name, seeds, words, run } satisfies FuzzTarget;
}

const OPERATORS = ["(", ")", " AND ", " OR ", "NOT ", "-", "=", "!=", ":", "<", ">=", '"', "\\", "*", ".", " "];

/** The filter languages of lists, logs, metrics, subscriptions and objects, and conditions of IAM. */
export const filterTargets: readonly FuzzTarget[] = [
  language(
    "list-filter",
    ['status="ACTIVE" AND labels.a:b OR NOT (name=c*)', 'has_prefix(resource_url, "https://a")'],
    [...OPERATORS, "has_prefix(", ","],
    parseFilter,
  ),
  language(
    "logging-query",
    [
      'resource.type="cloud_run_revision" AND severity>=ERROR AND NOT jsonPayload.a=~"x+"',
      'log_id("a%2Fb") OR (textPayload:"hello" "world") timestamp>"2026-01-01T00:00:00Z"',
    ],
    [...OPERATORS, "=~", "!~", "log_id(", "#", "\n"],
    parseQuery,
  ),
  language(
    "series-filter",
    ['metric.type = "run.googleapis.com/request_count" AND metric.labels.code = one_of("200", "500")'],
    [...OPERATORS, "one_of(", "starts_with(", "has_substring(", "monitoring.regex.full_match(", ","],
    parseSeriesFilter,
  ),
  language(
    "subscription-filter",
    ['attributes:a AND (attributes.b = "c" OR NOT hasPrefix(attributes."d e", "f"))'],
    [...OPERATORS, "hasPrefix(", "attributes", ","],
    compileFilter,
  ),
  {
    name: "object-glob",
    seeds: ["a/**/b*.{jpg,png}", "[a-c]?x", String.raw`\*`],
    words: ["**", "*", "?", "[", "]", "{", "}", ",", "!", "\\", "/"],
    async run(input) {
      const glob = input.toString();
      const compiled = await onlyThrows(() => compileGlob(glob), isInvalidArgument);
      // Whose time grows with the power of its stars would not come back from this.
      if (compiled) (compiled.value as ReturnType<typeof compileGlob>).matches("a/".repeat(500));
    },
  },
  {
    name: "iam-condition",
    seeds: ['resource.name.startsWith("projects/") && request.time < timestamp("2030-01-01T00:00:00Z")', "a ? b : [c]"],
    words: [
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      "&&",
      "||",
      "!",
      ".",
      ",",
      '"',
      "matches(",
      "extract(",
      "-",
      "?",
      ":",
      "has(",
    ],
    inputs: 500,
    async run(input) {
      const compiled = await onlyThrows(
        () => compileCondition(input.toString()),
        (error) => error instanceof Error && !(error instanceof RangeError),
      );
      const context = { resourceName: "projects/p", resourceType: "", resourceService: "", nowMs: 0 };
      const result = compiled && (compiled.value as ReturnType<typeof compileCondition>)(context);
      if (result !== undefined && typeof result !== "boolean") throw new TypeError(`a condition is ${typeof result}`);
    },
  },
];
