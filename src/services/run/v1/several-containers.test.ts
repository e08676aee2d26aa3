import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EmptyDirVolumeSource_Medium } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import {
  ServiceScaling_ScalingMode,
  VpcAccess_VpcEgress,
} from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { validWish } from "../services/apply.ts";
import { newService } from "../services/service.ts";
import { checkBody } from "./check-body.ts";
import type { KnativeService } from "./knative.ts";
import { v1Naming } from "./naming.ts";
import { serviceToKnative, wishFromKnative } from "./service.ts";
import { SERVICE_SHAPE } from "./shapes.ts";

const NAME = "projects/demo/locations/us-central1/services/web";
const IMAGE = "us-central1-docker.pkg.dev/demo/images/web";

/** A service with everything that v1 has for several containers, as gcloud and YAML files write it. */
function webService(): KnativeService {
  return {
    apiVersion: "serving.knative.dev/v1",
    kind: "Service",
    metadata: {
      name: "web",
      annotations: { "run.googleapis.com/scalingMode": "manual", "run.googleapis.com/manualInstanceCount": "3" },
    },
    spec: {
      template: {
        metadata: {
          annotations: {
            "run.googleapis.com/container-dependencies": '{"app":["cache"]}',
            "run.googleapis.com/cpu-throttling": "False",
            "run.googleapis.com/network-interfaces": '[{"network":"default","tags":["a"]}]',
            "run.googleapis.com/secrets": "far-1:projects/123456789012/secrets/far",
            "run.googleapis.com/sessionAffinity": "true",
            "run.googleapis.com/vpc-access-egress": "all-traffic",
          },
        },
        spec: {
          containers: [
            {
              name: "app",
              image: IMAGE,
              ports: [{ containerPort: 8080 }],
              env: [
                { name: "NEAR", valueFrom: { secretKeyRef: { name: "near", key: "2" } } },
                { name: "FAR", valueFrom: { secretKeyRef: { name: "far-1", key: "latest" } } },
              ],
              livenessProbe: {
                httpGet: { path: "/live", httpHeaders: [{ name: "X-A", value: "b" }] },
                periodSeconds: 20,
              },
              readinessProbe: { grpc: { service: "s" }, successThreshold: 3 },
              volumeMounts: [
                { name: "certs", mountPath: "/certs" },
                { name: "files", mountPath: "/files", subPath: "a" },
              ],
            },
            { name: "cache", image: IMAGE, startupProbe: { tcpSocket: { port: 6379 } } },
          ],
          volumes: [
            { name: "certs", secret: { secretName: "far-1", items: [{ key: "1", path: "tls.key", mode: 256 }] } },
            { name: "scratch", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
            { name: "disk", emptyDir: { medium: "Disk" } },
            {
              name: "files",
              csi: {
                driver: "gcsfuse.run.googleapis.com",
                readOnly: true,
                volumeAttributes: { bucketName: "my-bucket", mountOptions: "implicit-dirs,uid=1000" },
              },
            },
          ],
        },
      },
    },
  };
}

function wishOf(body: KnativeService) {
  const checked = checkBody(SERVICE_SHAPE, body, "service") as KnativeService;
  return validWish(wishFromKnative(NAME, checked), v1Naming);
}

function readBack(body: KnativeService): KnativeService {
  const wish = wishOf(body);
  const service = newService(wish.service, "uid", { email: "me@example.com", nowMs: 0 });
  const hidden = { operationId: "", metadata: wish.metadata, template: wish.template };
  return serviceToKnative({ service, hidden, version: 1 });
}

describe("several containers in v1", () => {
  test("everything is the v2 fields", () => {
    const { service } = wishOf(webService());
    const template = service.template!;
    const [app, cache] = template.containers;
    assert.deepEqual(app!.dependsOn, ["cache"]);
    assert.deepEqual([app!.resources!.cpuIdle, cache!.resources!.cpuIdle], [false, false]);
    const secrets = app!.env.map(({ values }) =>
      values.case === "valueSource" ? values.value.secretKeyRef : undefined,
    );
    assert.deepEqual(
      secrets.map((each) => [each!.secret, each!.version]),
      [
        ["near", "2"],
        ["projects/123456789012/secrets/far", "latest"],
      ],
    );
    assert.equal(app!.livenessProbe!.periodSeconds, 20);
    assert.equal(app!.readinessProbe!.successThreshold, 3);
    assert.equal(template.sessionAffinity, true);
    assert.equal(template.vpcAccess!.egress, VpcAccess_VpcEgress.ALL_TRAFFIC);
    assert.deepEqual(template.vpcAccess!.networkInterfaces[0]!.tags, ["a"]);
    const [certs, scratch, disk, files] = template.volumes.map(({ volumeType }) => volumeType);
    assert.equal(certs!.case === "secret" && certs!.value.secret, "projects/123456789012/secrets/far");
    assert.equal(scratch!.case === "emptyDir" && scratch!.value.sizeLimit, "64Mi");
    assert.equal(disk!.case === "emptyDir" && disk!.value.medium, EmptyDirVolumeSource_Medium.DISK);
    assert.deepEqual(files!.case === "gcs" && files!.value.mountOptions, ["implicit-dirs", "uid=1000"]);
    assert.equal(service.scaling!.scalingMode, ServiceScaling_ScalingMode.MANUAL);
    assert.equal(service.scaling!.manualInstanceCount, 3);
  });

  test("what is read back, sent again, stays as it is", () => {
    const once = readBack(webService());
    const { annotations } = once.spec.template.metadata!;
    assert.match(
      annotations!["run.googleapis.com/secrets"]!,
      /^far-[0-9a-f]{12}:projects\/123456789012\/secrets\/far$/,
    );
    assert.equal(annotations!["run.googleapis.com/network-interfaces"], '[{"network":"default","tags":["a"]}]');
    assert.equal(once.metadata.annotations!["run.googleapis.com/manualInstanceCount"], "3");
    assert.deepEqual(once.spec.template.spec!.volumes!.slice(1), webService().spec.template.spec!.volumes!.slice(1));
    assert.deepEqual(readBack(once), once);
  });

  test("a secret of another project given by id is shown by number, as gcloud reads it", () => {
    const body = webService();
    body.spec.template.metadata!.annotations!["run.googleapis.com/secrets"] = "far-1:projects/other/secrets/far";
    const { annotations } = readBack(body).spec.template.metadata!;
    assert.match(annotations!["run.googleapis.com/secrets"]!, /:projects\/\d{12}\/secrets\/far$/);
  });

  const refused: [string, (body: KnativeService) => void, RegExp][] = [
    [
      "a dependency without a startup probe",
      ({ spec }) => void delete spec.template.spec!.containers![1]!.startupProbe,
      /^spec\.template\.spec\.containers\[0\]\.depends_on: Dependent container 'cache' must have startup probe specified$/,
    ],
    [
      "a secret without a version",
      ({ spec }) => void delete spec.template.spec!.containers![0]!.env![0]!.valueFrom!.secretKeyRef!.key,
      /^spec\.template\.spec\.containers\[0\]\.env\[0\]\.valueFrom\.secretKeyRef\.key: required field not present\.$/,
    ],
    [
      "another driver",
      ({ spec }) => void (spec.template.spec!.volumes![3]!.csi!.driver = "other"),
      /^spec\.template\.spec\.volumes\[3\]\.csi\.driver: must be gcsfuse\.run\.googleapis\.com\.$/,
    ],
    [
      "a mount of no volume",
      ({ spec }) => void spec.template.spec!.volumes!.pop(),
      /^spec\.template\.spec\.containers\[0\]\.volumeMounts\[1\]\.name: Volume 'files' not found\.$/,
    ],
    [
      "a dependency of no container",
      ({ spec }) =>
        void (spec.template.metadata!.annotations!["run.googleapis.com/container-dependencies"] = '{"x":["app"]}'),
      /container-dependencies\]: Invalid value/,
    ],
  ];
  for (const [what, change, message] of refused) {
    test(`${what} is refused`, () => {
      const body = webService();
      change(body);
      assert.throws(() => wishOf(body), { message });
    });
  }
});
