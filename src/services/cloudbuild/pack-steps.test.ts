import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  BuildOptions_MachineType as MachineType,
  BuildSchema,
  type BuildStepSchema,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { machineOf, parallelBuildsOf } from "./machine.ts";
import { readPackSteps } from "./pack-steps.ts";
import { substitute } from "./substitutions.ts";

const NAME = { project: "demo", location: "us-central1", id: "b-1" };
const pack = (args: string[], more: MessageInitShape<typeof BuildStepSchema> = {}) => ({
  name: "gcr.io/k8s-skaffold/pack",
  args,
  ...more,
});
const read = (args: string[], build: MessageInitShape<typeof BuildSchema> = {}) =>
  readPackSteps(create(BuildSchema, { steps: [pack(["build", ...args])], ...build }));

describe("readPackSteps", () => {
  test("takes destinations from --publish and from images", () => {
    assert.deepEqual(read(["h/p/r/i:1", "--publish", "-t", "h/p/r/i:2"]).destinations, ["h/p/r/i:1", "h/p/r/i:2"]);
    assert.deepEqual(read(["h/p/r/i"], { images: ["h/p/r/i"] }).destinations, ["h/p/r/i"]);
    assert.deepEqual(read(["h/p/r/i"]).destinations, []);
  });

  test("takes the runtime from Google's run images, from GOOGLE_RUNTIME, or from nowhere", () => {
    const google = "us-central1-docker.pkg.dev/serverless-runtimes/google-22-full/runtimes/nodejs20";
    assert.equal(read(["i", "--run-image", google]).runImage, "nodejs20");
    assert.equal(read(["i", "--run-image", "h/own/image:v1"]).runImage, "h/own/image:v1");
    assert.equal(read(["i", "--env", "GOOGLE_RUNTIME=nodejs24"]).runImage, "nodejs24");
    assert.equal(read(["i"]).runImage, "nodejs22");
  });

  test("merges options.env under --env and keeps equals signs in values", () => {
    const { env } = read(["i", "-e", "A=1=2"], { options: { env: ["A=0", "B=3"] } });
    assert.deepEqual(env, { A: "1=2", B: "3" });
  });

  test("keeps --path inside the source", () => {
    assert.equal(read(["i", "--path", "./services/a/"]).path, "services/a");
    assert.throws(() => read(["i", "--path", "../a"]), /leads out of the source/);
    assert.throws(() => read(["i", "--path", "/etc"]), /leads out of the source/);
  });

  test("names what it does not support", () => {
    assert.throws(() => read(["i", "--buildpack", "x"]), /The option --buildpack of `pack build` is not supported/);
    assert.throws(() => read([]), /needs exactly one image name/);
    assert.throws(() => read(["i", "--env", "novalue"]), /not of the form KEY=VALUE/);
    assert.throws(() => read(["i"], { images: ["other"] }), /no build step makes the image "other"/);
    const steps = [pack(["build", "i"], { script: "x" })];
    assert.throws(() => readPackSteps(create(BuildSchema, { steps })), /build\.steps\[0\]\.script is not supported/);
    const bash = [pack(["build", "i"], { entrypoint: "bash" })];
    assert.throws(() => readPackSteps(create(BuildSchema, { steps: bash })), /entrypoint bash/);
  });
});

describe("substitute", () => {
  const argsOf = (args: string[], substitutions = {}, options = {}) =>
    substitute(create(BuildSchema, { steps: [pack(args)], substitutions, options }), NAME).steps[0]!.args;

  test("knows Google's own keys and the build's, with and without braces", () => {
    const args = ["$PROJECT_ID", "${LOCATION}x", "$_A", "$$HOME", "$BUILD_ID"];
    assert.deepEqual(argsOf(args, { _A: "1" }), ["demo", "us-central1x", "1", "$HOME", "b-1"]);
  });

  test("demands a match on both sides unless ALLOW_LOOSE", () => {
    assert.throws(() => argsOf(["$_B"]), /key in the template "_B" is not a valid built-in substitution/);
    assert.throws(() => argsOf(["x"], { _A: "1" }), /key "_A" in the substitution data is not matched in the template/);
    assert.throws(() => argsOf(["x"], { lower: "1" }), /substitution key "lower" does not match format/);
    assert.deepEqual(argsOf(["x$_B"], { _A: "1" }, { substitutionOption: 1 }), ["x"]);
  });
});

describe("machineOf", () => {
  const host = { cpus: 4, memoryBytes: 6 * 1024 ** 3 };

  test("gives e2-standard-2 unless told otherwise, and no more than the host has", () => {
    assert.deepEqual(machineOf(MachineType.UNSPECIFIED, { cpus: 8, memoryBytes: 2 ** 40 }), {
      cpus: 2,
      memoryBytes: 8 * 1024 ** 3,
    });
    assert.deepEqual(machineOf(MachineType.E2_HIGHCPU_32, host), host);
    assert.equal(parallelBuildsOf(host), 2);
    assert.equal(parallelBuildsOf({ ...host, cpus: 1 }), 1);
  });
});
