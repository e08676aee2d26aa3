import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiError } from "../../../wire/errors.ts";
import { compileFilter } from "./compile-filter.ts";

const MESSAGE = { name: "com", lang: "en-GB", "iana.org/tag": "x", empty: "", quote: 'a"b' };

test("filters pass what Google documents that they pass", () => {
  const cases: readonly (readonly [filter: string, passes: boolean])[] = [
    ["", true],
    ["attributes:name", true],
    ["attributes:nam", false],
    ["attributes:empty", true],
    ["attributes:toString", false],
    ['attributes:"iana.org/tag"', true],
    ['attributes:"iana.org\\u002ftag"', true],
    ['attributes."iana.org\\x2f\\164ag" = "x"', true],
    ['attributes.name = "com"', true],
    ['attributes.name="Com"', false],
    ["attributes.name='com'", true],
    ['attributes.quote = "a\\"b"', true],
    ['attributes.name != "com"', false],
    ['attributes.missing != "com"', true],
    ['hasPrefix(attributes.lang, "en-")', true],
    ['hasPrefix(attributes.lang,"GB")', false],
    ['hasPrefix(attributes.missing, "")', false],
    ["NOT attributes:name", false],
    ["-attributes:missing", true],
    ["NOT NOT attributes:name", true],
    ['attributes:name AND -attributes:missing AND attributes.lang="en-GB"', true],
    ["attributes:missing OR attributes:lang", true],
    ["NOT attributes:name OR attributes:lang", true],
    ["attributes:missing OR (attributes:name AND attributes:lang)", true],
    ["NOT (attributes:name AND attributes:lang)", false],
    ['attributes.AND != "x"', true],
    ['attributes.a-b_1 != "x"', true],
  ];
  for (const [filter, passes] of cases) assert.equal(compileFilter(filter)(MESSAGE), passes, filter);
});

test("what does not parse is refused with the place", () => {
  const cases: readonly (readonly [filter: string, where: string])[] = [
    ["attributes", "column 11, unexpected end of input"],
    ["   ", "column 4, unexpected end of input"],
    ["data:name", "column 1, token 'data'"],
    ["attributes.a = b", "column 16, token 'b'"],
    ['attributes.é = "b"', "column 12, token 'é'"],
    ['attributes.a > "b"', "column 14, token '>'"],
    ["attributes:a and attributes:b", "column 14, token 'and'"],
    ["attributes:a AND attributes:b OR attributes:c", "column 31, token 'OR'"],
    ["(attributes:a", "column 14, unexpected end of input"],
    ["attributes:a)", "column 13, token ')'"],
    ['attributes.a = "', "column 16, token '\"'"],
    ["attributes.a.b", "column 13, token '.'"],
    ['HASPREFIX(attributes.a, "b")', "column 1, token 'HASPREFIX'"],
    ["hasPrefix(attributes.a, b)", "column 25, token 'b'"],
    ['attributes.a = "\\U00110000"', "column 16, token '\\U00110000'"],
  ];
  for (const [filter, where] of cases)
    assert.throws(
      () => compileFilter(filter),
      (error: ApiError) => {
        assert.equal(error.message, `Unparseable filter: syntax error at line 1, ${where}`);
        return true;
      },
    );
});

test("a filter has at most 256 bytes", () => {
  const filterOf = (bytes: number) => `attributes:${"é".repeat(100)}`.padEnd(bytes - 100).replaceAll("é", "ab");
  assert.equal(compileFilter(filterOf(256))({}), false);
  assert.throws(() => compileFilter(filterOf(257)), /at most 256 bytes/);
});
