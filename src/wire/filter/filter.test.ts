import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Build_Status, BuildSchema } from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { ApiError } from "../errors.ts";
import { matchesFilter } from "./matches-filter.ts";
import { parseFilter } from "./parse-filter.ts";

const build = create(BuildSchema, {
  id: "b-1",
  status: Build_Status.WORKING,
  tags: ["red", "blue"],
  substitutions: { _KEY: "v" },
  createTime: timestampFromMs(Date.parse("2026-11-21T10:00:00Z")),
  results: { images: [{ name: "host/p/r/i" }] },
});

const matches = (filter: string) => matchesFilter(parseFilter(filter), BuildSchema, build);

describe("filters", () => {
  for (const filter of [
    "",
    'status="WORKING" OR status="QUEUED"',
    "status=WORKING",
    "tags=red tags:blue",
    "NOT tags:green",
    "-tags:green",
    "tags=red AND (status=QUEUED OR id=b-1)",
    "tags=green OR tags=red AND status=WORKING",
    "id=b-*",
    'create_time>="2026-11-21T10:00:00Z"',
    'createTime<"2026-11-21T10:00:01Z"',
    "substitutions._KEY=v",
    "substitutions:_KEY",
    'results.images.name="host/p/r/i"',
    "status!=QUEUED",
    'has_prefix(id, "b-") OR has_prefix(id, "c-")',
  ])
    test(`matches: ${filter}`, () => assert.equal(matches(filter), true));

  for (const filter of [
    "status=QUEUED",
    "tags=green",
    "status=WORKING AND tags=green",
    'create_time>"2026-11-21T10:00:00Z"',
  ])
    test(`does not match: ${filter}`, () => assert.equal(matches(filter), false));

  for (const filter of [
    "status=",
    "=x",
    "(status=A",
    "status=A)",
    '"status"=A',
    "nothing=1",
    'status="A',
    "has_prefix(id)",
    "has_prefix(id, b)",
  ])
    test(`is refused: ${filter}`, () => assert.throws(() => matches(filter), ApiError));
});
