import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ApiError } from "../../../wire/errors.ts";
import { evaluateQuery } from "./evaluate-query.ts";
import { parseQuery } from "./parse-query.ts";
import { timeBoundsOf } from "./time-bounds.ts";

const entry = {
  logName: "projects/demo/logs/run.googleapis.com%2Fstdout",
  resource: {
    type: "cloud_run_revision",
    labels: { service_name: "hello", location: "us-central1", revision_name: "hello-00001-abc" },
  },
  severity: "WARNING",
  timestamp: "2026-11-21T10:00:00.500Z",
  labels: { "goog-managed-by": "cloudfunctions", "a.b": "dotted" },
  jsonPayload: { message: "Something went wrong", count: 7, tags: ["red", "blue"] },
  httpRequest: { status: 500 },
};

const matches = (query: string) => evaluateQuery(parseQuery(query), entry);

describe("logging query language", () => {
  for (const query of [
    "",
    'resource.type="cloud_run_revision" resource.labels.location="us-central1" logName:"run.googleapis.com" labels."goog-managed-by"="cloudfunctions" resource.labels.service_name="hello" timestamp>="2026-11-14T10:00:00Z"',
    "resource.type = cloud_run_revision \n AND resource.labels.service_name = hello \n AND severity >= DEFAULT",
    'log_name:"stdout"',
    'log_id("run.googleapis.com/stdout")',
    "severity>=WARNING",
    "severity=warning",
    "NOT severity=ERROR",
    "-severity=ERROR",
    "severity=(ERROR OR WARNING)",
    '"went WRONG"',
    "wrong AND something",
    'jsonPayload.message=~"^Some.*wrong$"',
    'jsonPayload.message!~"fine"',
    "jsonPayload.count>5 jsonPayload.count<=7",
    "jsonPayload.tags=red",
    "jsonPayload.count:*",
    'labels."a.b"=dotted',
    "http_request.status>=500",
    "severity=ERROR OR severity=WARNING AND resource.type=cloud_run_revision",
    "(severity=ERROR OR jsonPayload.count=7) -- a comment",
    'timestamp>="2026-11-21T10:00:00.5Z"',
  ]) {
    test(`matches: ${query}`, () => assert.equal(matches(query), true));
  }

  for (const query of [
    "severity>WARNING",
    "resource.type=cloud_run_job",
    'labels."goog-managed-by"="nobody"',
    "jsonPayload.missing:*",
    'log_id("stdout")',
    "severity=ERROR OR severity=INFO",
    'timestamp>"2026-11-21T10:00:00.5Z"',
    '"nowhere to be found"',
  ]) {
    test(`does not match: ${query}`, () => assert.equal(matches(query), false));
  }

  for (const query of [
    "severity=",
    "(severity=ERROR",
    "severity=ERROR)",
    "= 3",
    "AND",
    'textPayload=~"("',
    'SEARCH("x")',
  ]) {
    test(`is refused: ${query}`, () => assert.throws(() => parseQuery(query), ApiError));
  }

  test("timestamps of the top-level conjunction bound the search", () => {
    const bounds = timeBoundsOf(parseQuery('timestamp>="2026-11-21T10:00:00Z" AND timestamp<"2026-11-21T11:00:00Z"'));
    assert.equal(bounds.fromMs, Date.parse("2026-11-21T10:00:00Z"));
    assert.equal(bounds.toMs, Date.parse("2026-11-21T11:00:00Z") + 1);
  });
});
