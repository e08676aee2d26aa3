import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ApiError } from "../../../../wire/errors.ts";
import { passesFilter } from "./evaluate-filter.ts";
import { parseFilter } from "./parse-filter.ts";

const VARIABLES = { _ACTION: "push", _BRANCH: "refs/heads/main", _EMPTY: "", _N: "10" };
const passes = (filter: string) => passesFilter(parseFilter(filter), VARIABLES);

describe("filters of triggers", () => {
  for (const filter of [
    "",
    '_ACTION == "push"',
    "_ACTION != 'pull' && _BRANCH.startsWith('refs/heads/')",
    '_BRANCH.matches("^refs/heads/(main|dev)$")',
    "_BRANCH.matches(r'/\\w+$') || _MISSING == '1'",
    '!(_ACTION == "pull") && _BRANCH.endsWith("main")',
    '_ACTION in ["pull", "push"]',
    "size(_EMPTY) == 0 && _ACTION.size() > 3",
    '_BRANCH.contains("heads") ? true : false',
    '_ACTION + "ed" == "pushed"',
    '_ACTION.matches("(?i)PUSH")',
    "-1 < 2 && 1.5 >= 1 && _ACTION > 'a'",
  ])
    test(`passes: ${filter}`, () => assert.equal(passes(filter), true));

  for (const filter of [
    '_ACTION == "pull"',
    "false || _EMPTY != ''",
    '_BRANCH.matches("^main")',
    '!_ACTION.contains("u")',
  ])
    test(`does not pass: ${filter}`, () => assert.equal(passes(filter), false));

  for (const filter of [
    "_ACTION",
    "_MISSING == '1'",
    "_ACTION ==",
    "(_ACTION == 'a'",
    "_ACTION == 'a' b",
    "_ACTION & 1",
    "_ACTION && true",
    "_ACTION.matches('(')",
    "_ACTION.upper() == ''",
    "_ACTION.name == ''",
    "_ACTION < 3",
    "size()",
    "'open",
    "(".repeat(600),
  ])
    test(`is refused: ${filter.slice(0, 40)}`, () => assert.throws(() => passes(filter), ApiError));

  test("a regular expression that would make others work for years answers at once", () => {
    const variables = { _A: `${"a".repeat(64)}!` };
    const filter = parseFilter('_A.matches("^(a+)+$")');
    assert.equal(passesFilter(filter, variables), false);
  });
});
