import type { LogSink } from "../../../gen/google/logging/v2/logging_config_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { parseQuery } from "../query/parse-query.ts";
import { isDefaultSink } from "./default-sinks.ts";
import { invalidSink } from "./errors.ts";

const ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;
const BUCKET = /^storage\.googleapis\.com\/([a-z0-9][a-z0-9._-]+)$/;
const TOPIC = /^pubsub\.googleapis\.com\/(projects\/[^/]+\/topics\/[^/]+)$/;
const MAX_DESCRIPTION = 8_000;
/** Characters of a filter (cloud.google.com/logging/quotas: "Length of a Logging query language query"). */
const MAX_FILTER = 20_000;
const MAX_EXCLUSIONS = 50;

/** "projects/P/topics/T" of a sink that leads to a topic; undefined for another destination. */
export function topicOf({ destination }: LogSink): string | undefined {
  return TOPIC.exec(destination)?.[1];
}

/** The bucket of a sink that leads to one; undefined for another destination. */
export function bucketOf({ destination }: LogSink): string | undefined {
  return BUCKET.exec(destination)?.[1];
}

/** Rejects the id of a new sink. */
export function checkSinkId(id: string): void {
  if (ID.test(id) && !isDefaultSink(id)) return;
  throw invalidSink(
    "sink.name",
    `Invalid sink name '${id}': up to 100 letters, digits, underscores, hyphens and periods, of which the first is a letter or a digit.`,
  );
}

/** Rejects a sink that is not valid or leads to where homerun does not export. */
export function validateSink(sink: LogSink): void {
  if (!isDefaultSink(sink.name)) checkDestination(sink.destination);
  if (sink.options.case !== undefined) throw unsupportedField("sink.bigquery_options");
  if (sink.description.length > MAX_DESCRIPTION) {
    throw invalidSink("sink.description", `The description exceeds ${MAX_DESCRIPTION} characters.`);
  }
  checkFilter(sink.filter, "sink.filter");
  if (sink.exclusions.length > MAX_EXCLUSIONS) {
    throw invalidSink("sink.exclusions", `A sink has at most ${MAX_EXCLUSIONS} exclusions.`);
  }
  for (const [index, { name, filter }] of sink.exclusions.entries()) {
    const field = `sink.exclusions[${index}]`;
    if (!ID.test(name)) throw invalidSink(`${field}.name`, `Invalid exclusion name '${name}'.`);
    const isTaken = sink.exclusions.slice(0, index).some((other) => other.name === name);
    if (isTaken) throw invalidSink(`${field}.name`, `There are two exclusions with the name '${name}'.`);
    if (filter === "") throw invalidSink(`${field}.filter`, "The filter of an exclusion is required.");
    checkFilter(filter, `${field}.filter`);
  }
}

function checkDestination(destination: string): void {
  if (TOPIC.test(destination) || BUCKET.test(destination)) return;
  const service = /^([a-z]+)\.googleapis\.com\/./.exec(destination)?.[1];
  if (service !== undefined && ["bigquery", "logging"].includes(service)) {
    throw unsupportedField(`sink.destination: ${service}.googleapis.com`);
  }
  throw invalidSink(
    "sink.destination",
    `Invalid destination '${destination}'. It should look like 'pubsub.googleapis.com/projects/PROJECT_ID/topics/TOPIC_ID' or 'storage.googleapis.com/BUCKET'.`,
  );
}

function checkFilter(filter: string, field: string): void {
  if (filter.length > MAX_FILTER) throw invalidSink(field, `The filter exceeds ${MAX_FILTER} characters.`);
  parseQuery(filter);
}
