import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type KnativeSuite, openKnativeSuite, type Outcome } from "../support/knative-suite.ts";

/** A folder with Knative Serving's compiled conformance tests (v1.test, runtime.test) and, in images/, its test images' programs. */
const FOLDER = process.env["KNATIVE_CONFORMANCE_TESTS"];

/** What is not run; docs/conformance.md says why. */
const EXCLUDED = {
  "v1.test": [
    "TestAnnotationPropagation",
    "TestLabelPropagation",
    "TestRevisionTimeout/does_not_exceed_timeout_seconds",
    "TestRevisionTimeout/writes_first_byte_before_timeout",
    "TestUpdateConfigurationMetadata",
    "TestRouteCreation",
    "TestRouteAndConfigGenerateName",
    "TestServiceGenerateName",
    "TestServiceAccountValidation",
    "TestConfigMapVolume",
    "TestSecretVolume",
    "TestProjected.*",
  ],
  "runtime.test": [
    "TestSecretsViaEnv",
    "TestConfigsViaEnv",
    "TestMustRunAsUser",
    "TestLivenessWithFail",
    "TestProbeRuntime.*",
  ],
} as const;
const API_PASSES = 15;
const RUNTIME_PASSES = 16;

if (FOLDER === undefined) {
  console.warn("NOT RUN: Knative's conformance tests; KNATIVE_CONFORMANCE_TESTS names no folder with them");
} else {
  describe("Knative Serving's conformance tests", () => conformance(FOLDER));
}

function conformance(folder: string): void {
  let suite: KnativeSuite;
  before(async () => {
    suite = await openKnativeSuite(folder);
  });
  after(() => suite?.[Symbol.asyncDispose]());

  const run = async (program: keyof typeof EXCLUDED, passes: number) => {
    const { outcomes, output } = await suite.run(program, "-enable-beta", "-test.skip", EXCLUDED[program].join("|"));
    const named = (wanted: Outcome) => Object.keys(outcomes).filter((name) => outcomes[name] === wanted);
    assert.deepEqual(named("fail"), [], output);
    assert.equal(named("pass").length, passes, output);
  };

  test("api/v1", { timeout: 600_000 }, () => run("v1.test", API_PASSES));
  test("runtime", { timeout: 600_000 }, () => run("runtime.test", RUNTIME_PASSES));
}
