import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { equals } from "@bufbuild/protobuf";
import { ServiceSchema } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { IngressTraffic } from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { validWish, type Wish } from "../services/apply.ts";
import { newService } from "../services/service.ts";
import type { ServiceRecord } from "../store.ts";
import type { KnativeService } from "./knative.ts";
import { v1Naming } from "./naming.ts";
import { serviceToKnative, wishFromKnative } from "./service.ts";

const NAME = "projects/demo/locations/us-central1/services/api";
const BASE_IMAGE = "us-central1-docker.pkg.dev/serverless-runtimes/google-22-full/runtimes/nodejs22";

/** As a function's service of Google's looks in v1 (a public `gcloud run services describe`, 2026-09), names changed. */
const FUNCTION_SERVICE: KnativeService = {
  apiVersion: "serving.knative.dev/v1",
  kind: "Service",
  metadata: {
    name: "api",
    namespace: "demo",
    annotations: {
      "cloudfunctions.googleapis.com/function-id": "api",
      "run.googleapis.com/build-base-image": BASE_IMAGE,
      "run.googleapis.com/build-enable-automatic-updates": "true",
      "run.googleapis.com/build-environment-variables": '{"GOOGLE_NODE_RUN_SCRIPTS":""}',
      "run.googleapis.com/build-function-target": "api",
      "run.googleapis.com/build-image-uri":
        "us-central1-docker.pkg.dev/demo/gcf-artifacts/demo__us--central1__api:version_1",
      "run.googleapis.com/build-name": "projects/1/locations/us-central1/builds/dce4ab3e-f79b-4acc-9d5f-0abd78adfd67",
      "run.googleapis.com/build-source-location": "gs://gcf-v2-sources-1-us-central1/api/function-source.zip#17",
      "run.googleapis.com/client-name": "cli-firebase",
      "run.googleapis.com/custom-audiences": '["https://us-central1-demo.cloudfunctions.net/api"]',
      "run.googleapis.com/ingress": "internal",
      "run.googleapis.com/maxScale": "20",
      "run.googleapis.com/something-new": "kept",
      "example.com/own": "kept, too",
    },
    labels: { "goog-managed-by": "cloudfunctions", "cloud.googleapis.com/location": "us-central1" },
  },
  spec: {
    template: {
      metadata: {
        name: "api-00002-guy",
        annotations: {
          "autoscaling.knative.dev/maxScale": "20",
          "cloudfunctions.googleapis.com/trigger-type": "HTTP_TRIGGER",
          "run.googleapis.com/base-images": `{"worker":"${BASE_IMAGE}"}`,
          "run.googleapis.com/client-name": "cli-firebase",
          "run.googleapis.com/startup-cpu-boost": "true",
        },
        labels: { "firebase-functions-hash": "4376", "run.googleapis.com/startupProbeType": "Default" },
      },
      spec: {
        containerConcurrency: 80,
        containers: [
          {
            env: [{ name: "FUNCTION_TARGET", value: "api" }, { name: "EMPTY" }],
            image: "us-central1-docker.pkg.dev/demo/gcf-artifacts/demo__us--central1__api:version_1",
            name: "worker",
            ports: [{ containerPort: 8080, name: "http1" }],
            resources: { limits: { cpu: "1", memory: "256Mi" } },
            startupProbe: { failureThreshold: 1, periodSeconds: 240, tcpSocket: { port: 8080 }, timeoutSeconds: 240 },
          },
        ],
        runtimeClassName: "run.googleapis.com/linux-base-image-update",
        serviceAccountName: "sa@demo.iam.gserviceaccount.com",
        timeoutSeconds: 60,
      },
    },
    traffic: [
      { latestRevision: true, percent: 100 },
      { revisionName: "api-00001-abc", tag: "old" },
    ],
  },
};

function recordOf({ service, metadata, template }: Wish): ServiceRecord {
  const stored = newService(service, "uid", { email: "me@example.com", nowMs: 0 });
  return { service: stored, hidden: { operationId: "op", metadata, template }, version: 1 };
}

describe("v1 services as v2 ones", () => {
  const wish = validWish(wishFromKnative(NAME, FUNCTION_SERVICE), v1Naming);

  test("annotations become fields", () => {
    const { service } = wish;
    assert.equal(service.client, "cli-firebase");
    assert.equal(service.ingress, IngressTraffic.INTERNAL_ONLY);
    assert.equal(service.scaling!.maxInstanceCount, 20);
    assert.deepEqual(service.customAudiences, ["https://us-central1-demo.cloudfunctions.net/api"]);
    assert.equal(service.buildConfig!.functionTarget, "api");
    assert.equal(service.buildConfig!.enableAutomaticUpdates, true);
    assert.deepEqual(service.buildConfig!.environmentVariables, { GOOGLE_NODE_RUN_SCRIPTS: "" });
    assert.equal(service.template!.containers[0]!.baseImageUri, BASE_IMAGE);
    assert.equal(service.template!.containers[0]!.resources!.cpuIdle, true);
    assert.equal(service.template!.containers[0]!.resources!.startupCpuBoost, true);
    assert.deepEqual(service.annotations, {
      "cloudfunctions.googleapis.com/function-id": "api",
      "example.com/own": "kept, too",
    });
  });

  test("everything comes back as it was, and no more than the server adds", () => {
    const back = serviceToKnative(recordOf(wish));
    assert.deepEqual(back.spec, FUNCTION_SERVICE.spec);
    for (const [key, value] of Object.entries(FUNCTION_SERVICE.metadata.annotations!)) {
      assert.equal(back.metadata.annotations![key], value, key);
    }
    assert.deepEqual(back.metadata.labels, FUNCTION_SERVICE.metadata.labels);
    const added = Object.keys(back.metadata.annotations!).filter(
      (key) => !Object.hasOwn(FUNCTION_SERVICE.metadata.annotations!, key),
    );
    assert.deepEqual(added.sort(), [
      "run.googleapis.com/build-id",
      "run.googleapis.com/ingress-status",
      "run.googleapis.com/operation-id",
      "run.googleapis.com/urls",
      "serving.knative.dev/creator",
      "serving.knative.dev/lastModifier",
    ]);
  });

  test("what v1 answers, sent back, is the same wish", () => {
    const again = validWish(wishFromKnative(NAME, serviceToKnative(recordOf(wish))), v1Naming);
    assert.ok(equals(ServiceSchema, again.service, wish.service));
    assert.deepEqual(again.metadata, wish.metadata);
    assert.deepEqual(again.template, wish.template);
  });
});
