import assert from "node:assert/strict";
import { test } from "node:test";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { type Service, ServiceSchema } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { newRevision } from "./revision.ts";
import { revisionSpecOf } from "./revision-spec.ts";
import { newService, withDefaults } from "../services/service.ts";

const IMAGE = "us-central1-docker.pkg.dev/demo/images/hello";

function serviceWith(json: JsonObject, template: JsonObject = {}, container: JsonObject = {}): Service {
  const wish = fromJson(ServiceSchema, {
    name: "projects/demo/locations/us-central1/services/hello",
    template: { containers: [{ image: IMAGE, ...container }], ...template },
    ...json,
  });
  return newService(withDefaults(wish), "uid", { email: "me@example.com", nowMs: 0 });
}

const specOf = (service: Service) =>
  revisionSpecOf(service, newRevision(service, "hello-00001-abc", "uid", 0), new Map([["hello-00001-abc", 100]]));

test("a revision with nothing but an image runs with Google's defaults", () => {
  const spec = specOf(serviceWith({}));
  assert.deepEqual(spec.port, { number: 8080, protocol: "http1" });
  assert.deepEqual(spec.containers[0].limits, { memoryBytes: 512 * 2 ** 20, cpus: 1 });
  const { concurrency, minInstances, maxInstances, timeoutSeconds, cpuIdle, startupCpuBoost } = spec;
  assert.deepEqual(
    [concurrency, minInstances, maxInstances, timeoutSeconds, cpuIdle, startupCpuBoost],
    [80, 0, 100, 300, true, false],
  );
  assert.equal(spec.containers[0].startupProbe!.kind, "tcp");
  assert.equal(spec.containers[0].startupProbe!.port, 8080);
});

test("everything that a container says is passed on", () => {
  const container = {
    command: ["node"],
    args: ["main.js"],
    workingDir: "/srv",
    env: [{ name: "A", value: "b" }],
    ports: [{ name: "h2c", containerPort: 9000 }],
    resources: { limits: { cpu: "2", memory: "1G" }, startupCpuBoost: true },
    startupProbe: { httpGet: { path: "/up" }, initialDelaySeconds: 1 },
  };
  const spec = specOf(serviceWith({ labels: { a: "b", "client.knative.dev/nonce": "n" } }, {}, container));
  assert.deepEqual(spec.containers[0].command, ["node"]);
  assert.deepEqual(spec.containers[0].args, ["main.js"]);
  assert.equal(spec.containers[0].workingDir, "/srv");
  assert.deepEqual(spec.containers[0].env, { A: "b" });
  assert.deepEqual(spec.port, { number: 9000, protocol: "h2c" });
  assert.deepEqual(spec.containers[0].limits, { memoryBytes: 1e9, cpus: 2 });
  assert.equal(spec.cpuIdle, false);
  assert.equal(spec.startupCpuBoost, true);
  const { kind, path, port, initialDelaySeconds, periodSeconds, failureThreshold } = spec.containers[0].startupProbe!;
  assert.deepEqual(
    [kind, path, port, initialDelaySeconds, periodSeconds, failureThreshold],
    ["http", "/up", 9000, 1, 10, 3],
  );
  assert.deepEqual(spec.logLabels, { a: "b" });
});
