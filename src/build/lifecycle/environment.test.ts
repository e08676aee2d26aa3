import assert from "node:assert/strict";
import { test } from "node:test";
import { applyChanges, layerPathChanges, parseEnvFiles, withPlatformEnv } from "./environment.ts";

test("the suffix of a file decides what happens to the variable", () => {
  const files = { "A.append": "3", "B.default": "b", C: "c", "D.override": "d", "E.prepend": "0", "F.unknown": "f" };
  const env = applyChanges({ A: "1", B: "kept", C: "old", D: "old", E: "1" }, parseEnvFiles(files));
  assert.deepEqual(env, { A: "13", B: "kept", C: "c", D: "d", E: "01" });
});

test("a delimiter stands between values only, and belongs to its folder", () => {
  const files = { "PATH.prepend": "/a", "PATH.append": "/z", "PATH.delim": ":" };
  assert.equal(applyChanges({ PATH: "/m" }, parseEnvFiles(files))["PATH"], "/a:/m:/z");
  assert.equal(applyChanges({}, parseEnvFiles({ "X.prepend": "1", "X.delim": ":" }))["X"], "1");
});

test("a default takes the place of an empty value", () => {
  assert.deepEqual(applyChanges({ A: "" }, parseEnvFiles({ "A.default": "x" })), { A: "x" });
});

test("operators' files without suffix are defaults", () => {
  assert.deepEqual(applyChanges({ A: "1" }, parseEnvFiles({ A: "2", B: "2" }, "default")), { A: "1", B: "2" });
});

test("a layer's folders go to the front of the search paths of the phase", () => {
  const has = (folder: string): boolean => folder === "bin" || folder === "lib" || folder === "include";
  const build = applyChanges({ PATH: "/usr/bin" }, layerPathChanges("/layers/a/b", "build", has));
  assert.deepEqual(build, {
    PATH: "/layers/a/b/bin:/usr/bin",
    LD_LIBRARY_PATH: "/layers/a/b/lib",
    LIBRARY_PATH: "/layers/a/b/lib",
    CPATH: "/layers/a/b/include",
  });
  const launch = applyChanges({}, layerPathChanges("/layers/a/b", "launch", has));
  assert.deepEqual(launch, { PATH: "/layers/a/b/bin", LD_LIBRARY_PATH: "/layers/a/b/lib" });
});

test("the user's variables win, but search paths are put in front", () => {
  assert.deepEqual(withPlatformEnv({ PATH: "/usr/bin", A: "1" }, { PATH: "/mine", A: "2" }), {
    PATH: "/mine:/usr/bin",
    A: "2",
  });
});
