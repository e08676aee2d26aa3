import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, fromJson, type JsonObject } from "@bufbuild/protobuf";
import { type Service, ServiceSchema } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { ApiError } from "../../../wire/errors.ts";
import { validWish } from "../services/apply.ts";
import { NO_HIDDEN_METADATA } from "../store.ts";
import { checkServiceId } from "./service.ts";
import { v2Naming } from "./violations.ts";

const NAME = "projects/demo/locations/us-central1/services/hello";
const IMAGE = "us-central1-docker.pkg.dev/demo/images/hello";

function check(service: Service): Service {
  const wish = { service, metadata: NO_HIDDEN_METADATA, template: NO_HIDDEN_METADATA };
  return validWish(wish, v2Naming("CreateServiceRequest")).service;
}

/** A service whose template and container have these settings. */
function serviceWith(settings: { container?: JsonObject; template?: JsonObject; service?: JsonObject }): Service {
  const template = { containers: [{ image: IMAGE, ...settings.container }], ...settings.template };
  return fromJson(ServiceSchema, { name: NAME, template, ...settings.service });
}

const limits = (cpu: string, memory: string, more: JsonObject = {}) => ({
  container: { resources: { limits: { cpu, memory }, cpuIdle: true, ...more } },
});

type Case = readonly [what: string, settings: Parameters<typeof serviceWith>[0], message: RegExp];

const REFUSED: readonly Case[] = [
  [
    "no container",
    { template: { containers: [] } },
    /^Violation in CreateServiceRequest\.service\.template\.containers: /,
  ],
  [
    "no image",
    { container: { image: "" } },
    /^Violation in CreateServiceRequest\.service\.template\.containers\[0\]\.image: required field not present\.$/,
  ],
  ["an image without a host", { container: { image: "nginx" } }, /Expected an image path like .* but obtained nginx$/],
  [
    "two ports",
    { container: { ports: [{ containerPort: 1 }, { containerPort: 2 }] } },
    /^Violation in CreateServiceRequest\.service\.template\.containers\[0\]\.ports: ports should contain 0 or 1 port\.$/,
  ],
  ["an unknown protocol", { container: { ports: [{ name: "ftp" }] } }, /Port name must be one of "http1" and "h2c"/],
  [
    "reserved variables",
    { container: { env: [{ name: "PORT" }, { name: "K_SERVICE" }, { name: "A" }] } },
    /^template\.containers\[0\]\.env: The following reserved env names were provided: PORT, K_SERVICE\. These values are automatically set by the system\.$/,
  ],
  ["a variable twice", { container: { env: [{ name: "A" }, { name: "A" }] } }, /'A' is defined more than once/],
  [
    "three CPUs",
    limits("3", "1Gi"),
    /^template\.containers\[0\]\.resources\.limits\.cpu: Invalid value specified for cpu\./,
  ],
  [
    "too much memory for a CPU",
    limits("1", "8Gi"),
    /^template\.containers\[0\]\.resources\.limits\.memory: Invalid value specified for memory\. For 1\.0 CPU, memory must be between 128Mi and 4Gi inclusive\.$/,
  ],
  [
    "too little memory for four CPUs",
    limits("4", "1Gi"),
    /For 4\.0 CPU, memory must be between 2Gi and 16Gi inclusive/,
  ],
  [
    "gen2 with little memory",
    {
      ...limits("1", "256Mi"),
      template: {
        executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2",
        containers: [{ image: IMAGE, resources: { limits: { memory: "256Mi" } } }],
      },
    },
    /Invalid value specified for memory with gen2 execution environment\. For 1\.0 CPU, memory must be between 512Mi and 4Gi inclusive\./,
  ],
  [
    "half a CPU for many requests",
    {
      template: {
        maxInstanceRequestConcurrency: 80,
        containers: [{ image: IMAGE, resources: { limits: { cpu: "0.5" }, cpuIdle: true } }],
      },
    },
    /Total cpu < 1 is not supported with concurrency > 1\./,
  ],
  [
    "a GPU",
    { container: { resources: { limits: { "nvidia.com/gpu": "1" } } } },
    /nvidia\.com\/gpu is not supported by homerun/,
  ],
  [
    "too long a timeout",
    { template: { timeout: "3601s" } },
    /^Violation in .*template\.timeout: must be whole seconds between 1 and 3600/,
  ],
  [
    "a revision name of another service",
    { template: { revision: "other-00001" } },
    /^template\.revision: The revision name must be prefixed by the name of the enclosing Service or Configuration with a trailing -$/,
  ],
  [
    "traffic that is not all",
    { service: { traffic: [{ percent: 50 }] } },
    /^traffic: Traffic percentages must sum to 100, but sum to 50\.$/,
  ],
  [
    "a tag too long for the host name",
    { service: { traffic: [{ percent: 100, tag: "a".repeat(42) }] } },
    /^traffic\[0\]\.tag: The tag 'a+' and the service's name 'hello' must have at most 46 characters together\.$/,
  ],
  [
    "a tag twice",
    {
      service: {
        traffic: [
          { percent: 100, tag: "a" },
          { revision: "r", tag: "a" },
        ],
      },
    },
    /Traffic tag 'a' is used more than once/,
  ],
  [
    "a system label",
    { service: { labels: { "run.googleapis.com/x": "y" } } },
    /^labels: System label 'run\.googleapis\.com\/x' is not supported/,
  ],
  [
    "too many annotations",
    { template: { annotations: { a: "x".repeat(262_144) } } },
    /^template\.annotations: Too long: must have at most 262144 bytes\.$/,
  ],
  [
    "an NFS volume",
    { template: { volumes: [{ name: "v", nfs: { server: "10.0.0.1", path: "/" } }] } },
    /^The field service\.template\.volumes\[0\]\.nfs is not supported by homerun\.$/,
  ],
  [
    "a Cloud SQL volume",
    { template: { volumes: [{ name: "cloudsql", cloudSqlInstance: {} }] } },
    /^The field service\.template\.volumes\[0\]\.cloud_sql_instance is not/,
  ],
  [
    "an encryption key",
    { template: { encryptionKey: "projects/p/locations/l/keyRings/r/cryptoKeys/k" } },
    /^The field service\.template\.encryption_key is not supported/,
  ],
  [
    "a secret by a name that is none",
    { container: { env: [{ name: "A", valueSource: { secretKeyRef: { secret: "a/b" } } }] } },
    /^template\.containers\[0\]\.env\[0\]\.value_source\.secret_key_ref\.secret: Invalid secret name 'a\/b'\./,
  ],
  ["IAP", { service: { iapEnabled: true } }, /^The field service\.iap_enabled is not supported/],
  [
    "a manual instance count without manual scaling",
    { service: { scaling: { manualInstanceCount: 2 } } },
    /scaling\.manual_instance_count: must only be set when scaling_mode is MANUAL\.$/,
  ],
  [
    "a minimum above the maximum",
    { template: { scaling: { minInstanceCount: 3, maxInstanceCount: 2 } } },
    /^Violation in CreateServiceRequest\.service\.template\.scaling\.max_instance_count: must be greater or equal than min_instance_count\.$/,
  ],
];

describe("what is refused", () => {
  for (const [what, settings, message] of REFUSED) {
    test(what, () => {
      assert.throws(
        () => check(serviceWith(settings)),
        (error) => error instanceof ApiError && message.test(error.message) && error.details.length === 1,
      );
    });
  }

  test("a service without a template", () => {
    assert.throws(() => check(create(ServiceSchema, { name: NAME })), {
      message: "Violation in CreateServiceRequest.service.template: required field not present.",
    });
  });

  test("service ids out of pattern", () => {
    const message =
      "Violation in CreateServiceRequest.service_id: only lowercase, digits, and hyphens; must begin with letter, and cannot end with hyphen; must be less than 50 characters.";
    for (const id of ["Hello", "1a", "a-", "a_b", "", "a".repeat(50)]) {
      assert.throws(() => checkServiceId(id), { message });
    }
    checkServiceId("a".repeat(49));
  });
});

describe("what is filled in", () => {
  test("a fraction of a CPU serves one request at a time", () => {
    const { template } = check(serviceWith(limits("0.1666", "256M")));
    assert.equal(template!.maxInstanceRequestConcurrency, 1);
  });

  test("the default startup probe follows the port", () => {
    const first = check(serviceWith({ container: { ports: [{ containerPort: 9000 }] } }));
    const container = first.template!.containers[0]!;
    assert.equal(container.startupProbe!.probeType.value!.port, 9000);
    container.ports[0]!.containerPort = 9001;
    assert.equal(check(first).template!.containers[0]!.startupProbe!.probeType.value!.port, 9001);
  });

  test("empty messages and explicit false of fields that are not supported do no harm", () => {
    check(
      serviceWith({
        service: { binaryAuthorization: {}, iapEnabled: false },
        template: { vpcAccess: {}, serviceMesh: {}, gpuZonalRedundancyDisabled: false },
      }),
    );
  });
});
