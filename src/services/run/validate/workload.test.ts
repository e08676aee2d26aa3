import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import {
  type RevisionTemplate,
  RevisionTemplateSchema,
} from "../../../gen/google/cloud/run/v2/revision_template_pb.js";
import { withTemplateDefaults } from "../templates/template-defaults.ts";
import { templateViolations } from "./template.ts";

const IMAGE = "us-central1-docker.pkg.dev/demo/images/hello";

function templateOf(containers: JsonObject[], more: JsonObject = {}): RevisionTemplate {
  const withImages = containers.map((container) => ({ image: IMAGE, ...container }));
  const template = fromJson(RevisionTemplateSchema, { containers: withImages, ...more });
  return withTemplateDefaults(template, { project: "demo", service: "web" });
}

/** "FIELD: DESCRIPTION" of every fault, without "template.". */
function faultsOf(containers: JsonObject[], more: JsonObject = {}): string[] {
  return templateViolations(templateOf(containers, more), "web").map(({ field, description }) => {
    return `${field.replace("template.", "")}: ${description}`;
  });
}

const PORT = { ports: [{ containerPort: 8080 }] };
const tcp = (port: number) => ({ startupProbe: { tcpSocket: { port } } });
const probe = (settings: JsonObject) => ({ livenessProbe: { httpGet: {}, ...settings } });

describe("several containers", () => {
  test("one of them has the port; those without a name get one, those without a port no probe", () => {
    const { containers } = templateOf([{ name: "app", ...PORT }, {}]);
    assert.deepEqual(
      containers.map(({ name, ports, startupProbe }) => [name, ports.length, startupProbe !== undefined]),
      [
        ["app", 1, true],
        ["web-2", 0, false],
      ],
    );
    assert.deepEqual(
      faultsOf([
        { name: "app", ...PORT },
        { name: "side", ...tcp(9000) },
      ]),
      [],
    );
  });

  const exposed = "containers: Revision template should contain exactly one container with an exposed port.";
  for (const containers of [
    [{}, {}],
    [PORT, PORT],
  ]) {
    const count = containers.filter((container) => "ports" in container).length;
    test(`${count} of two with a port are refused`, () => assert.deepEqual(faultsOf(containers), [exposed]));
  }

  test("at most ten, with names of their own", () => {
    const eleven = Array.from({ length: 11 }, (_, index) => ({
      name: `c${index}`,
      resources: { limits: { cpu: "0.1" }, cpuIdle: true },
      ...(index === 0 && PORT),
    }));
    assert.match(faultsOf(eleven)[0]!, /at most 10 containers/);
    assert.match(faultsOf([{ name: "a", ...PORT }, { name: "a" }])[0]!, /^containers\[1\]\.name: .*more than once/);
    assert.match(faultsOf([{ name: "A_b", ...PORT }])[0]!, /Invalid container name 'A_b'\. Must conform to RFC 1123/);
  });

  test("dependencies exist, have a startup probe, and make no circle", () => {
    const app = { name: "app", ...PORT };
    assert.deepEqual(faultsOf([{ ...app, dependsOn: ["side"] }, { name: "side" }]), [
      "containers[0].depends_on: Dependent container 'side' must have startup probe specified",
    ]);
    assert.deepEqual(faultsOf([{ ...app, dependsOn: ["none"] }]), [
      "containers[0].depends_on: Dependent container 'none' does not exist",
    ]);
    const side = { name: "side", ...tcp(9000) };
    assert.deepEqual(faultsOf([{ ...app, dependsOn: ["side"] }, side]), []);
    assert.match(
      faultsOf([
        { ...app, dependsOn: ["side"] },
        { ...side, dependsOn: ["app"] },
      ])[0]!,
      /in a circle/,
    );
  });

  test("a sidecar may be told a PORT, the main container may not", () => {
    const env = [{ name: "PORT", value: "8888" }];
    assert.deepEqual(
      faultsOf([
        { name: "app", ...PORT },
        { name: "side", env },
      ]),
      [],
    );
    assert.match(faultsOf([{ name: "app", ...PORT, env }])[0]!, /reserved env names were provided: PORT/);
  });

  test("memory and CPU are checked as sums", () => {
    const half = { resources: { limits: { cpu: "500m", memory: "256Mi" }, cpuIdle: true } };
    assert.deepEqual(
      faultsOf([
        { name: "app", ...PORT, ...half },
        { name: "side", ...half },
      ]),
      [],
    );
    const five = { resources: { limits: { cpu: "4", memory: "2Gi" }, cpuIdle: true } };
    const one = { resources: { limits: { cpu: "1", memory: "512Mi" }, cpuIdle: true } };
    const [main, side] = [
      { name: "app", ...PORT, ...five },
      { name: "side", ...five },
    ];
    assert.deepEqual(faultsOf([main, side, { name: "more", ...one }]), ["containers: Total cpu must be at most 8."]);
  });
});

describe("probes", () => {
  const at = "containers[0].liveness_probe";
  const cases: [JsonObject, string][] = [
    [{ timeoutSeconds: 11 }, `${at}.timeout_seconds: must be less than or equal to period_seconds.`],
    [{ periodSeconds: 3601 }, `${at}.period_seconds: must be between 1 and 3600.`],
    [{ initialDelaySeconds: -1 }, `${at}.initial_delay_seconds: must be between 0 and 3600.`],
    [{ failureThreshold: -1 }, `${at}.failure_threshold: must be greater or equal than 1.`],
    [{ httpGet: { path: "up" } }, `${at}.http_get.path: must be a path that begins with '/'.`],
    [
      { httpGet: { httpHeaders: [{ name: "a b" }] } },
      `${at}.http_get.http_headers[0].name: Invalid header name 'a b'.`,
    ],
  ];
  for (const [settings, fault] of cases) {
    test(fault, () => assert.deepEqual(faultsOf([probe(settings)]), [fault]));
  }

  test("liveness probes are not TCP; startup probes end within 240 s", () => {
    assert.match(faultsOf([{ livenessProbe: { tcpSocket: {} } }])[0]!, /TCP probes are supported for startup probes/);
    const slow = { startupProbe: { httpGet: {}, periodSeconds: 100 } };
    assert.match(faultsOf([slow])[0]!, /failure_threshold \* period_seconds must be at most 240/);
    assert.match(faultsOf([{ livenessProbe: { periodSeconds: 10 } }])[0]!, /Exactly one of/);
  });

  test("what is not said is filled in, by kind", () => {
    const [container] = templateOf([{ readinessProbe: { grpc: {} }, ...probe({}) }]).containers;
    const { $typeName: _type, probeType, ...readiness } = container!.readinessProbe!;
    assert.deepEqual(readiness, {
      initialDelaySeconds: 0,
      timeoutSeconds: 1,
      periodSeconds: 10,
      failureThreshold: 3,
      successThreshold: 2,
    });
    assert.equal(probeType.value?.port, 8080);
    const { value } = container!.livenessProbe!.probeType;
    assert.equal(value?.$typeName === "google.cloud.run.v2.HTTPGetAction" && value.path, "/");
  });
});

describe("volumes", () => {
  const volume = (settings: JsonObject) => ({ volumes: [{ name: "v", ...settings }] });
  const mounted = (mountPath: string, more: JsonObject = {}) => [{ volumeMounts: [{ name: "v", mountPath, ...more }] }];
  const memory = volume({ emptyDir: { sizeLimit: "64Mi" } });

  test("every kind can be mounted", () => {
    const secret = { secret: "s", items: [{ path: "a/b", version: "latest", mode: 0o400 }] };
    const kinds = [
      { emptyDir: {} },
      { emptyDir: { medium: "DISK" } },
      { secret },
      { gcs: { bucket: "my-bucket", mountOptions: ["implicit-dirs"] } },
    ];
    for (const kind of kinds) assert.deepEqual(faultsOf(mounted("/mnt/v", { subPath: "x" }), volume(kind)), []);
    const { volumeType } = templateOf([{}], volume({ secret })).volumes[0]!;
    assert.equal(volumeType.case === "secret" && volumeType.value.defaultMode, 0o444);
  });

  test("paths are absolute, of no system folder, and used once", () => {
    for (const path of ["mnt", "/", "/proc/x", "/dev", "/sys/fs", "/a/../b", "/a:b"]) {
      assert.equal(faultsOf(mounted(path), memory).length, 1, path);
    }
    const twice = [{ volumeMounts: ["/a", "/a/"].map((mountPath) => ({ name: "v", mountPath })) }];
    assert.deepEqual(faultsOf(twice, memory), ["containers[0].volume_mounts[1].mount_path: '/a/' must be unique."]);
    assert.match(faultsOf(mounted("/a", { subPath: "../x" }), memory)[0]!, /Invalid sub path/);
  });

  test("mounts name a volume; volumes have a name of their own and one kind", () => {
    assert.deepEqual(faultsOf(mounted("/a")), ["containers[0].volume_mounts[0].name: Volume 'v' not found."]);
    assert.match(faultsOf([{}], volume({}))[0]!, /^volumes\[0\]: Exactly one type of volume/);
    assert.match(faultsOf([{}], { volumes: [{ name: "cloudsql", emptyDir: {} }] })[0]!, /reserved for Cloud SQL/);
    assert.match(faultsOf([{}], volume({ emptyDir: { sizeLimit: "much" } }))[0]!, /Invalid quantity 'much'/);
    assert.match(faultsOf([{}], volume({ gcs: { bucket: "_" } }))[0]!, /Invalid bucket name/);
  });

  test("buckets take the mount options that are supported", () => {
    const options = (...mountOptions: string[]) =>
      faultsOf([{}], volume({ gcs: { bucket: "my-bucket", mountOptions } }));
    assert.deepEqual(options("uid=1000", "only-dir=a/b", "o=ro"), []);
    assert.deepEqual(options("implicit-dirs", "key-file=x"), [
      "volumes[0].gcs.mount_options[1]: The mount option key-file is not supported by homerun.",
    ]);
    assert.match(options("--uid=1")[0]!, /without the leading dashes/);
  });

  test("items of a secret have a version, and a path inside", () => {
    const items = (item: JsonObject) => faultsOf([{}], volume({ secret: { secret: "s", items: [item] } }))[0];
    assert.match(items({ path: "p" })!, /items\[0\]\.version: required field not present/);
    assert.match(items({ path: "../p", version: "1" })!, /Invalid path '\.\.\/p'/);
    assert.match(items({ path: "p", version: "1", mode: 0o1000 })!, /items\[0\]\.mode: must be between 0 and 0777/);
  });
});

describe("resources", () => {
  const limited = (cpu: string, memory: string, cpuIdle = true) => [
    { resources: { limits: { cpu, memory }, cpuIdle } },
  ];
  test("CPU that is always allocated needs a CPU and 512 MiB", () => {
    assert.match(faultsOf(limited("1", "256Mi", false))[0]!, /memory must be between 512Mi and 4Gi inclusive/);
    assert.match(faultsOf(limited("0.5", "512Mi", false))[0]!, /Total cpu < 1 is not supported with CPU always/);
  });
  test("a fraction of a CPU is of gen1", () => {
    const environment = { executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2" };
    assert.deepEqual(faultsOf(limited("0.5", "512Mi"), environment), [
      "execution_environment: Total cpu < 1 is not supported with gen2 execution environment.",
    ]);
  });
});

describe("access to a network", () => {
  const access = (vpcAccess: JsonObject) => faultsOf([{}], { vpcAccess });
  test("by a connector or one interface", () => {
    assert.deepEqual(access({ connector: "projects/p/locations/us-central1/connectors/c" }), []);
    assert.deepEqual(access({ networkInterfaces: [{ network: "default", tags: ["a"] }], egress: "ALL_TRAFFIC" }), []);
    assert.match(access({ connector: "c", networkInterfaces: [{ network: "n" }] })[0]!, /can not be used together/);
    assert.match(access({ networkInterfaces: [{}] })[0]!, /At least one of network or subnetwork/);
    assert.match(access({ egress: "ALL_TRAFFIC" })[0]!, /needs a connector or a network interface/);
  });
});
