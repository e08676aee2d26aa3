import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  BuildOptions_MachineType as MachineType,
  BuildSchema,
  type BuildStepSchema,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { machineOf, parallelBuildsOf } from "./machine.ts";
import { stepRequestsOf } from "./step-requests.ts";

const pack = (args: string[], more: MessageInitShape<typeof BuildStepSchema> = {}) => ({
  name: "gcr.io/k8s-skaffold/pack",
  args,
  ...more,
});
const read = (args: string[], build: MessageInitShape<typeof BuildSchema> = {}) => {
  const [step] = stepRequestsOf(create(BuildSchema, { steps: [pack(["build", ...args])], ...build }));
  assert.ok(step?.pack?.command === "build");
  return step.pack;
};
const readStep = (step: MessageInitShape<typeof BuildStepSchema>) =>
  stepRequestsOf(create(BuildSchema, { steps: [pack(["build", "i"], step)] }))[0]!;

describe("pack steps", () => {
  test("name their image, and push it with --publish", () => {
    const { names, publish } = read(["h.io/p/r/i:1", "--publish", "-t", "h.io/p/r/i:2"]);
    assert.deepEqual({ names, publish }, { names: ["h.io/p/r/i:1", "h.io/p/r/i:2"], publish: true });
    assert.equal(read(["h.io/p/r/i"], { images: ["h.io/p/r/i"] }).publish, false);
  });

  test("take the runtime from Google's run images, or leave it to the builder", () => {
    const google = "us-central1-docker.pkg.dev/serverless-runtimes/google-22-full/runtimes/nodejs20";
    assert.equal(read(["i", "--run-image", google]).runImage, "google-22-full/nodejs20");
    assert.equal(read(["i", "--run-image", "h/own/image:v1"]).runImage, "h/own/image:v1");
    assert.equal(read(["i", "--env", "GOOGLE_RUNTIME=nodejs24"]).runImage, "");
  });

  test("merge the step's environment under --env and keep equals signs in values", () => {
    const { env } = read(["i", "-e", "A=1=2", "-e", "B"], { options: { env: ["A=0", "B=3"] } });
    assert.deepEqual(env, { A: "1=2", B: "3" });
  });

  test("keep --path inside the source", () => {
    assert.equal(read(["i", "--path", "./services/a/"]).path, "services/a");
    assert.throws(() => read(["i", "--path", "../a"]), /leads out of the source/);
    assert.throws(() => read(["i", "--path", "/etc"]), /leads out of the source/);
  });

  test("say which builder and buildpacks build, and where their files are", () => {
    const { options } = read(
      ["i", "-B", "b/c", "-b", "x@1,./y", "--buildpack", "docker://z", "--post-buildpack", "p"].concat([
        "--env-file",
        "a,b.env",
        "-D",
        "worker",
        "--descriptor",
        "p.toml",
      ]),
    );
    assert.deepEqual(options, {
      builder: "b/c",
      descriptor: "p.toml",
      defaultProcess: "worker",
      buildpacks: ["x@1", "./y", "docker://z"],
      postBuildpacks: ["p"],
      envFiles: ["a,b.env"],
    });
  });

  test("name what they do not support", () => {
    assert.throws(() => read(["i", "--gid", "1"]), /The option --gid of `pack build` is not supported/);
    assert.throws(() => read([]), /needs exactly one image name/);
    assert.throws(() => read(["i", "--env", "novalue"]), /not of the form KEY=VALUE/);
    assert.throws(
      () => readStep({ args: [], script: "x" }),
      /build\.steps\[0\]\.script of a `pack` step is not supported/,
    );
    assert.throws(() => readStep({ entrypoint: "bash" }), /entrypoint bash/);
    assert.throws(() => readStep({ args: ["inspect"] }), /The command `pack inspect` of build\.steps\[0\]/);
  });

  test("are of the pack image only; other images run their own programs", () => {
    assert.deepEqual(readStep({ args: ["config", "default-builder", "b"] }).pack, {
      command: "config",
      defaultBuilder: "b",
    });
    assert.equal(readStep({ name: "ubuntu" }).pack, undefined);
    assert.throws(() => readStep({ name: "Ubuntu" }), /invalid build step name "Ubuntu" contains uppercase letters/);
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
