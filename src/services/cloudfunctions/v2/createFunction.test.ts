import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { zipOf } from "../../../../tests/support/archives.ts";
import {
  bootFunctions,
  type BootedFunctions,
  type FunctionJson,
  type Json,
} from "../../../../tests/support/boot-functions.ts";
import {
  ANSWERING,
  functionsClient,
  type FunctionsClient,
  messageOf,
  PARENT,
} from "../../../../tests/support/functions-client.ts";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";

const NUMBER = projectNumberOf("demo");
const HOST = "us-central1-docker.pkg.dev";

describe("CreateFunction", () => {
  let booted: BootedFunctions;
  let client: FunctionsClient;
  const source = { current: {} as Json };
  before(async () => {
    booted = await bootFunctions();
    client = functionsClient(booted, source);
    source.current = await booted.upload(await zipOf({ "index.js": "exports.hello = 1", "package.json": "{}" }));
  });
  after(() => booted[Symbol.asyncDispose]());

  test("a created function passes every station and serves", async () => {
    const answer = await client.create("hello", client.bodyOf("hello", "hi"));
    const { metadata } = answer.body as { metadata: Json };
    assert.match(String(answer.body["name"]), new RegExp(`^${PARENT}/operations/operation-\\d{13}-[0-9a-f]{13}-`));
    const { stages, verb, target, apiVersion, operationType } = metadata;
    assert.deepEqual(
      { verb, target, apiVersion, operationType },
      { verb: "create", target: `${PARENT}/functions/hello`, apiVersion: "v2", operationType: "CREATE_FUNCTION" },
    );
    assert.deepEqual(
      (stages as Json[]).map(({ name, state }) => `${String(name)} ${String(state)}`),
      ["BUILD IN_PROGRESS", "SERVICE NOT_STARTED"],
    );
    const operation = await booted.wait(answer);
    const done = operation["metadata"] as Json;
    assert.deepEqual(
      (done["stages"] as Json[]).map(({ name, state }) => `${String(name)} ${String(state)}`),
      ["BUILD COMPLETE", "SERVICE COMPLETE"],
    );
    assert.match(String(done["buildName"]), new RegExp(`^projects/${NUMBER}/locations/us-central1/builds/`));
    const { "@type": _, ...response } = operation["response"] as Json;
    const fn = await client.get("hello");
    assert.deepEqual(fn, response);
    assert.equal(fn.state, "ACTIVE");
    assert.equal(fn["environment"], "GEN_2");
    assert.equal(fn["url"], "https://us-central1-demo.cloudfunctions.net/hello");
    const bucket = `gcf-v2-sources-${NUMBER}-us-central1`;
    const { storageSource } = fn.buildConfig["source"] as { storageSource: Json };
    assert.equal(storageSource["bucket"], bucket);
    assert.equal(storageSource["object"], "hello/function-source.zip");
    assert.deepEqual(fn.buildConfig["sourceProvenance"], { resolvedStorageSource: storageSource });
    assert.equal(fn.buildConfig["dockerRepository"], `${PARENT}/repositories/gcf-artifacts`);
    const { revision, uri, environmentVariables, ...config } = fn.serviceConfig;
    assert.deepEqual(config, {
      service: `${PARENT}/services/hello`,
      timeoutSeconds: 60,
      availableMemory: "256M",
      availableCpu: "0.1666",
      maxInstanceCount: 100,
      maxInstanceRequestConcurrency: 1,
      ingressSettings: "ALLOW_ALL",
      serviceAccountEmail: `${NUMBER}-compute@developer.gserviceaccount.com`,
      allTrafficOnLatestRevision: true,
    });
    assert.deepEqual(environmentVariables, { PROGRAM: ANSWERING, ANSWER: "hi" });
    assert.match(revision, /^hello-00001-/);
    assert.equal(await booted.serving.get(uri), "hi");
  });

  test("the build is Google's in name and environment, the service in labels, limits and environment", async () => {
    await client.deployed("named_Like-Google", "x");
    const request = booted.builder.requests.at(-1)!;
    const image = `${HOST}/demo/gcf-artifacts/demo-us-central1-named-like-google-[0-9a-f]{16}`;
    assert.match(request.destinations.join(), new RegExp(`^${image}:version_1,${image}:latest$`));
    assert.equal(request.runImage, "google-22-full/nodejs22");
    assert.deepEqual(request.env, {
      GOOGLE_FUNCTION_TARGET: "hello",
      GOOGLE_FUNCTION_SIGNATURE_TYPE: "http",
      GOOGLE_RUNTIME: "nodejs22",
      X_GOOGLE_TARGET_PLATFORM: "gcf",
    });
    const { body: service } = await booted.api.json("GET", `/run/v2/${PARENT}/services/named-like-google`);
    assert.equal((service["labels"] as Json)["goog-managed-by"], "cloudfunctions");
    assert.ok((service["urls"] as string[]).includes("https://us-central1-demo.cloudfunctions.net/named_Like-Google"));
    const [container] = (service["template"] as { containers: Json[] }).containers as [Json];
    assert.match(String(container["image"]), new RegExp(`^${image}@sha256:[0-9a-f]{64}$`));
    assert.deepEqual(container["resources"], {
      limits: { cpu: "0.1666", memory: "256M" },
      cpuIdle: true,
      startupCpuBoost: true,
    });
    const env = new Map((container["env"] as Json[]).map(({ name, value }) => [name, value]));
    assert.equal(env.get("FUNCTION_TARGET"), "hello");
    assert.equal(env.get("FUNCTION_SIGNATURE_TYPE"), "http");
    assert.equal(env.get("LOG_EXECUTION_ID"), "true");
  });

  test("bad input is told before anything is changed", async () => {
    const refuse = async (id: string, change: (body: FunctionJson) => void) => {
      const body = client.bodyOf(id, "x");
      change(body);
      const answer = messageOf(await client.create(id, body));
      assert.equal((await booted.api.json("GET", `/cloudfunctions/v2/${PARENT}/functions/${id}`)).status, 404);
      return answer;
    };
    const build = (changes: Json) => refuse("bad", (body) => Object.assign(body.buildConfig, changes));
    const service = (changes: Json) => refuse("bad", (body) => Object.assign(body.serviceConfig, changes));
    const top = (changes: Json) => refuse("bad", (body) => Object.assign(body, changes));
    assert.match(await build({ runtime: "cobol60" }), /^400 .*Runtime "cobol60" is not supported on GCF Gen2/);
    assert.match(await build({ entryPoint: "no spaces" }), /^400 .*invalid entry point 'no spaces'/);
    assert.match(await build({ source: undefined }), /^400 .*source must be given/);
    const absent = { storageSource: { bucket: "absent-bucket", object: "x.zip" } };
    assert.equal(
      await build({ source: absent }),
      "400 The source object gs://absent-bucket/x.zip does not exist or cannot be read.",
    );
    assert.match(
      await build({ source: { gitUri: "x" } }),
      /^400 The field function.build_config.source.git_uri is not/,
    );
    assert.match(await build({ environmentVariables: { X_GOOGLE_A: "1" } }), /^400 .*X_GOOGLE_A is reserved/);
    assert.match(await build({ dockerRegistry: "CONTAINER_REGISTRY" }), /^400 .*Artifact Registry/);
    assert.match(await service({ environmentVariables: { K_SERVICE: "1" } }), /^400 .*K_SERVICE is reserved/);
    assert.match(await service({ timeoutSeconds: 3601 }), /^400 .*timeout must be between 1 and 3600/);
    assert.match(await service({ availableMemory: "lots" }), /^400 .*invalid memory 'lots'/);
    assert.match(await service({ vpcConnectorEgressSettings: "ALL_TRAFFIC" }), /^400 .*egress settings need a VPC/);
    assert.match(
      await service({
        secretEnvironmentVariables: [{ key: "ANSWER", secret: "s" }],
        environmentVariables: { ANSWER: "" },
      }),
      /^400 .*'ANSWER' is given as a value and as a secret/,
    );
    assert.match(await service({ secretVolumes: [{ mountPath: "x", secret: "s" }] }), /^400 .*absolute mount path/);
    assert.match(
      await service({ maxInstanceRequestConcurrency: 80 }),
      /^400 Could not create Cloud Run service bad\. .*concurrency/,
    );
    assert.match(await top({ kmsKeyName: "k" }), /^400 The field function.kms_key_name is not supported/);
    assert.match(await top({ labels: { BAD: "x" } }), /^400 .*label key 'BAD'/);
    const eventTrigger = { eventType: "google.cloud.pubsub.topic.v1.messagePublished", pubsubTopic: "t" };
    assert.match(await top({ eventTrigger }), /^400 Invalid Request. Violations: 't' must match projects/);
    assert.match(await refuse("1st", () => {}), /^400 .*Function name '1st' must match/);
    const away = await booted.api.json(
      "POST",
      "/cloudfunctions/v2/projects/demo/locations/mars/functions?functionId=f",
      client.bodyOf("f", "x"),
    );
    assert.match(messageOf(away), /^400 Location mars is not found/);
  });

  test("a service of the same name that is not the function's is left alone", async () => {
    const body = {
      template: {
        containers: [
          {
            image: `${HOST}/demo/gcf-artifacts/demo__us--central1__hello:version_1`,
            env: [{ name: "PROGRAM", value: ANSWERING }],
          },
        ],
      },
    };
    await booted.api.json("POST", `/run/v2/${PARENT}/services?serviceId=taken`, body);
    assert.equal(
      messageOf(await client.create("taken", client.bodyOf("taken", "x"))),
      "409 Could not create Cloud Run service taken. A Cloud Run service with this name already exists. Please redeploy the function with a different name.",
    );
  });
});
