import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  BuildOptions_SubstitutionOption as SubstitutionOption,
  BuildSchema,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { substitute } from "./substitutions.ts";

const NAME = { project: "demo", location: "us-central1", id: "b-1" };
const ALLOW_LOOSE = { substitutionOption: SubstitutionOption.ALLOW_LOOSE };

const build = (init: MessageInitShape<typeof BuildSchema>) => substitute(create(BuildSchema, init), NAME);

/** What a template becomes, in a build with dynamic substitutions. */
const expand = (template: string, substitutions: Record<string, string> = {}, dynamicSubstitutions = true): string =>
  build({
    steps: [{ name: "a", args: [template] }],
    substitutions,
    options: { dynamicSubstitutions, ...ALLOW_LOOSE },
  }).steps[0]!.args[0]!;

const problemOf = (init: MessageInitShape<typeof BuildSchema>): string => {
  try {
    build(init);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

describe("templates", () => {
  const cases: readonly [string, string][] = [
    ["$PROJECT_ID/${PROJECT_ID}x", "demo/demox"],
    ["$PROJECT_NUMBER $BUILD_ID $LOCATION", `${projectNumberOf("demo")} b-1 us-central1`],
    ["$SERVICE_ACCOUNT_EMAIL", `${projectNumberOf("demo")}@cloudbuild.gserviceaccount.com`],
    ["[$COMMIT_SHA$TAG_NAME$TRIGGER_NAME]", "[]"],
    ["$$PROJECT_ID $${HOME} $$$$", "$PROJECT_ID ${HOME} $$"],
    ["$lower ${lower} $ $1 costs 5$", "$lower ${lower} $ $1 costs 5$"],
    ["$_UNKNOWN.", "."],
  ];
  for (const [template, expected] of cases)
    test(`${template} is ${expected}`, () => {
      assert.equal(expand(template), expected);
      assert.equal(expand(template, {}, false), expected);
    });
});

describe("operations of bash", () => {
  const values = { _A: "hello.tar.gz", _P: "/usr/lib/x.so", _E: "", _B: "feature/one/two", _M: "MiXed", _N: "3" };
  const cases: readonly [string, string][] = [
    ["${_A:0:5}", "hello"],
    ["${_A:6}", "tar.gz"],
    ["${_A: -2}", "gz"],
    ["${_A:0:-3}", "hello.tar"],
    ["${_A:1:$_N}", "ell"],
    ["${_A:50}", ""],
    ["${_A#*.}", "tar.gz"],
    ["${_A##*.}", "gz"],
    ["${_A%.*}", "hello.tar"],
    ["${_A%%.*}", "hello"],
    ["${_A%.zip}", "hello.tar.gz"],
    ["${_P##*/}", "x.so"],
    ["${_A#[a-h]}", "ello.tar.gz"],
    ["${_A#[!a-h]}", "hello.tar.gz"],
    ["${_A#h?l}", "lo.tar.gz"],
    ["${_B/\\//-}", "feature-one/two"],
    ["${_B//\\//-}", "feature-one-two"],
    ["${_A/l}", "helo.tar.gz"],
    ["${_A//l/L}", "heLLo.tar.gz"],
    ["${_A/#hello/bye}", "bye.tar.gz"],
    ["${_A/%gz/xz}", "hello.tar.xz"],
    ["${_A/#gz/xz}", "hello.tar.gz"],
    ["${_A/t*z/zip}", "hello.zip"],
    ["${_A//[aeiou]/$_N}", "h3ll3.t3r.gz"],
    ["${_M^^} ${_M,,} ${_A^} ${_M,}", "MIXED mixed Hello.tar.gz miXed"],
    ["${#_A}", "12"],
    ["${_E:-none} ${_E-none} ${_X:-${_A%%.*}} ${_X=y}", "none  hello y"],
    ["${_A:+set}${_E:+set}", "set"],
    ["${_X##*.}", ""],
    ["${HOME:-x} ${#HOME} ${PROJECT_ID^^}", "${HOME:-x} ${#HOME} DEMO"],
    ["${_A@Q} ${_A", "${_A@Q} ${_A"],
  ];
  for (const [template, expected] of cases)
    test(`${template} is ${expected}`, () => {
      assert.equal(expand(template, values), expected);
    });

  test("are left alone without dynamic substitutions", () => {
    assert.equal(expand("${_A:0:5}$_A", values, false), "${_A:0:5}hello.tar.gz");
  });

  test("take time in proportion to the text, whatever the pattern", () => {
    const substitutions = { _A: "a".repeat(4000) };
    assert.equal(expand("${_A//*a*a*a*a*b/x}", substitutions), substitutions._A);
    assert.equal(expand("${_A%%*b*a*a}", substitutions), substitutions._A);
  });
});

describe("values", () => {
  test("refer to others with dynamic substitutions, and count as used", () => {
    const options = { dynamicSubstitutions: true };
    const substitutions = { _TAG: "v1", _IMAGE: "${PROJECT_ID}/app:${_TAG^^}", _ALL: "$_IMAGE!" };
    assert.deepEqual(build({ images: ["$_ALL"], substitutions, options }).images, ["demo/app:V1!"]);
    assert.deepEqual(build({ images: ["$_A"], substitutions: { _A: "$PROJECT_ID" } }).images, ["$PROJECT_ID"]);
  });

  test("that refer to themselves or grow without end are refused", () => {
    const options = { dynamicSubstitutions: true };
    assert.match(
      problemOf({ images: ["$_A"], substitutions: { _A: "$_B", _B: "$_A" }, options }),
      /^invalid value for 'build.substitutions': substitution key "_A" refers to itself$/,
    );
    const bomb = Object.fromEntries(
      Array.from("BCDEFGHIJKLM").map((key, at, all) => [`_${key}`, `$_${all[at - 1]}`.repeat(9)]),
    );
    assert.match(
      problemOf({ images: ["$_M"], substitutions: { ...bomb, _B: "boom" }, options }),
      /the values put in have more than 4194304 characters/,
    );
  });
});

describe("matching", () => {
  test("is strict unless the build is ALLOW_LOOSE", () => {
    const prefix = "invalid value for 'build.substitutions':";
    assert.equal(
      problemOf({ images: ["$_A"] }),
      `${prefix} key in the template "_A" is not matched in the substitution data`,
    );
    assert.equal(
      problemOf({ images: ["$A"] }),
      `${prefix} key in the template "A" is not a valid built-in substitution`,
    );
    assert.equal(
      problemOf({ substitutions: { _A: "1", _B: "2" } }),
      `${prefix} key "_A" in the substitution data is not matched in the template;` +
        `key "_B" in the substitution data is not matched in the template`,
    );
    assert.equal(problemOf({ images: ["$_A$A"], substitutions: { _B: "2" }, options: ALLOW_LOOSE }), "");
  });

  test("keys are the user's own or built-in ones that a build may bring along", () => {
    assert.equal(
      problemOf({ substitutions: { PROJECT_ID: "other" } }),
      'invalid build: invalid .substitutions field: substitution key "PROJECT_ID" does not respect format "^_[A-Z0-9_]+$" and is not an overridable built-in substitutions',
    );
    const substitutions = { COMMIT_SHA: "0123456789", TAG_NAME: "v1" };
    assert.deepEqual(build({ tags: ["$COMMIT_SHA"], substitutions }).tags, ["0123456789"]);
    assert.match(problemOf({ images: ["$_A"], substitutions: { _A: "x".repeat(4001) } }), /"_A" is too long/);
  });
});

describe("fields", () => {
  test("all documented ones are replaced, scripts are not", () => {
    const options = { env: ["A=$_A"], pool: { name: "projects/$PROJECT_ID/locations/l/workerPools/$_A" } };
    const result = build({
      steps: [{ name: "$_A", args: ["$_A"], env: ["B=$_A"], dir: "$_A", entrypoint: "$_A", script: "$_A", id: "$_A" }],
      images: ["$_A"],
      tags: ["$_A"],
      logsBucket: "$_A",
      serviceAccount: "projects/$PROJECT_ID/serviceAccounts/$_A",
      artifacts: { objects: { location: "gs://$_A", paths: ["$_A"] } },
      availableSecrets: { secretManager: [{ versionName: "projects/$PROJECT_ID/secrets/$_A/versions/1", env: "S" }] },
      substitutions: { _A: "a" },
      options,
    });
    const [step] = result.steps;
    assert.deepEqual(
      [step!.name, step!.args, step!.env, step!.dir, step!.entrypoint, step!.script, step!.id],
      ["a", ["a"], ["B=a"], "a", "a", "$_A", "$_A"],
    );
    assert.deepEqual([result.images, result.tags, result.logsBucket], [["a"], ["a"], "a"]);
    assert.equal(result.serviceAccount, "projects/demo/serviceAccounts/a");
    assert.deepEqual([result.artifacts!.objects!.location, result.artifacts!.objects!.paths], ["gs://a", ["a"]]);
    assert.equal(result.availableSecrets!.secretManager[0]!.versionName, "projects/demo/secrets/a/versions/1");
    assert.deepEqual(result.options!.env, ["A=a"]);
    assert.equal(result.options!.pool!.name, "projects/demo/locations/l/workerPools/a");
  });

  test("steps that map substitutions have them in their env, behind their own", () => {
    const result = build({
      steps: [
        { name: "a", env: ["_A=mine"] },
        { name: "b", automapSubstitutions: false },
      ],
      substitutions: { _A: "1", _B: "2" },
      options: { automapSubstitutions: true, env: ["C=3"] },
    });
    const env = result.steps[0]!.env;
    assert.ok(env.includes("_B=2") && env.includes("PROJECT_ID=demo") && env.includes("BUILD_ID=b-1"));
    assert.equal(
      env.findLast((each) => each.startsWith("_A=")),
      "_A=mine",
    );
    assert.ok(env.indexOf("C=3") > env.indexOf("_B=2"));
    assert.deepEqual(result.steps[1]!.env, []);
  });
});
