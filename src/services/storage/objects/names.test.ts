import assert from "node:assert/strict";
import { test } from "node:test";
import { compileGlob } from "./glob.ts";
import { afterPrefix, compareNames } from "./name-order.ts";

test("names order by their UTF-8 bytes, also beyond U+FFFF", () => {
  const names = ["a", "a/", "a/b", "a0", "b", "\u{ffee}", "\u{1f600}"];
  assert.deepEqual([...names].reverse().sort(compareNames), names);
});

test("behind a prefix comes the first name that does not begin with it", () => {
  assert.equal(afterPrefix("a/"), "a0");
  assert.equal(afterPrefix("a\u{d7ff}"), "a\u{e000}");
  assert.equal(afterPrefix("a\u{10ffff}"), "b");
  assert.equal(afterPrefix("\u{10ffff}"), undefined);
  assert.equal(afterPrefix(""), undefined);
});

test("globs match as Google documents them", () => {
  const matches = (glob: string, name: string) => compileGlob(glob).matches(name);
  assert.ok(matches("foo*bar", "fooxbar") && !matches("foo*bar", "foo/bar"));
  assert.ok(matches("foo**bar", "foo/x/bar"));
  assert.ok(matches("**/foobar", "foobar") && matches("**/foobar", "a/b/foobar"));
  assert.ok(matches("gs?", "gsx") && !matches("gs?", "gs/"));
  assert.ok(matches("foobar[1-3]", "foobar2") && !matches("foobar[!1-3]", "foobar2"));
  assert.ok(matches("**/{foo,bar,foobar}", "x/bar") && !matches("**/{foo,bar}", "x/baz"));
  assert.ok(matches(String.raw`a\*b`, "a*b") && !matches(String.raw`a\*b`, "axb"));
  assert.ok(matches("a.b", "a.b") && !matches("a.b", "axb"));
});
