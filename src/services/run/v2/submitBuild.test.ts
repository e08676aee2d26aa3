import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Build, CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { type BootedRun, bootRun, PARENT } from "../testing/boot-run.ts";

const SOURCE = { bucket: "run-sources-demo-us-central1", object: "services/hello/1.zip", generation: "123" };
const IMAGE_URI = "us-central1-docker.pkg.dev/demo/cloud-run-source-deploy/hello";

describe("SubmitBuild", () => {
  let booted: BootedRun;
  const builds: Build[] = [];
  before(async () => {
    const createBuild = rpc(
      CloudBuild.method.createBuild,
      { permission: "cloudbuild.builds.create", audit: "none" },
      async ({ build, parent }) => {
        assert.equal(parent, PARENT);
        builds.push(build!);
        return { name: `${PARENT}/operations/1` };
      },
    );
    booted = await bootRun({}, () => [{ name: "cloudbuild", services: [CloudBuild], rpcs: [createBuild] }]);
  });
  after(() => booted[Symbol.asyncDispose]());

  const submit = (body: object) =>
    booted.api.json("POST", `/run/v2/${PARENT}/builds:submit`, { storageSource: SOURCE, imageUri: IMAGE_URI, ...body });

  test("starts one pack step with base image, target and build variables", async () => {
    const answer = await submit({
      buildpackBuild: {
        baseImage: "nodejs22",
        functionTarget: "hello",
        enableAutomaticUpdates: true,
        environmentVariables: { A: "b" },
      },
      serviceAccount: "projects/demo/serviceAccounts/e@demo.iam.gserviceaccount.com",
      tags: ["service_hello"],
    });
    const base = "us-central1-docker.pkg.dev/serverless-runtimes/google-22/runtimes/nodejs22";
    assert.equal(answer.status, 200);
    assert.equal(answer.body["baseImageUri"], base);
    assert.equal((answer.body["buildOperation"] as { name: string }).name, `${PARENT}/operations/1`);
    const build = builds.at(-1)!;
    assert.equal(build.steps.length, 1);
    assert.equal(build.steps[0]!.name, "gcr.io/k8s-skaffold/pack");
    assert.equal(build.steps[0]!.entrypoint, "pack");
    const env = ["--env", "GOOGLE_RUNTIME=nodejs22", "--env", "GOOGLE_FUNCTION_TARGET=hello", "--env", "A=b"];
    assert.deepEqual(build.steps[0]!.args, ["build", IMAGE_URI, "--run-image", base, ...env]);
    assert.deepEqual(build.images, [IMAGE_URI]);
    assert.deepEqual(build.tags, ["service_hello"]);
    const { source } = build.source!;
    assert.equal(source.case === "storageSource" && source.value.generation, 123n);
  });

  test("a base image without a language leaves it to the source", async () => {
    const answer = await submit({ buildpackBuild: { baseImage: "osonly24" } });
    const base = answer.body["baseImageUri"] as string;
    assert.match(base, /^us-central1-docker\.pkg\.dev\/serverless-runtimes\/google-24(-full)?\/runtimes\/osonly24$/);
    assert.deepEqual(builds.at(-1)!.steps[0]!.args, ["build", IMAGE_URI, "--run-image", base]);
  });

  test("without a base image the source decides", async () => {
    const answer = await submit({ buildpackBuild: { baseImage: "gcr.io/buildpacks/google-22/run" } });
    assert.equal(answer.body["baseImageUri"], undefined);
    assert.deepEqual(builds.at(-1)!.steps[0]!.args, ["build", IMAGE_URI]);
    // gcloud names the file where the source has it.
    await submit({ buildpackBuild: { projectDescriptor: "project.toml" } });
    assert.deepEqual(builds.at(-1)!.steps[0]!.args, ["build", IMAGE_URI, "--descriptor", "project.toml"]);
  });

  test("a Dockerfile is built by a docker step", async () => {
    const answer = await submit({ dockerBuild: {} });
    assert.deepEqual([answer.status, answer.body["baseImageUri"]], [200, undefined]);
    const { steps, images } = builds.at(-1)!;
    const args = ["build", "--network", "cloudbuild", "-t", IMAGE_URI, "."];
    assert.deepEqual([steps.length, steps[0]!.name, steps[0]!.args], [1, "gcr.io/cloud-builders/docker", args]);
    assert.deepEqual(images, [IMAGE_URI]);
  });

  test("what is not supported is refused by name", async () => {
    const pool = await submit({ buildpackBuild: {}, workerPool: "projects/demo/locations/us-central1/workerPools/w" });
    assert.match(JSON.stringify(pool.body), /worker_pool is not supported by homerun/);
    const runtime = await submit({ buildpackBuild: { baseImage: "cobol85" } });
    assert.equal(runtime.status, 400);
    assert.match(JSON.stringify(runtime.body), /Base image 'cobol85' is not supported/);
  });
});
