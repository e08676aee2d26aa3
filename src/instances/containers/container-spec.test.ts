import assert from "node:assert/strict";
import { test } from "node:test";
import { containerSpec } from "./container-spec.ts";
import { revision, type RevisionOverrides } from "../pool/testing/floor.ts";

const image = {
  digest: "sha256:0",
  layers: ["/layers/a", "/layers/b"],
  config: {
    env: { PATH: "/bin", FROM_IMAGE: "1", BOTH: "image" },
    entrypoint: ["/entry"],
    cmd: ["serve"],
    workingDir: "/workspace",
    user: "1000",
    labels: {},
    diffIds: [],
  },
};

function container(overrides: RevisionOverrides) {
  const spec = revision("hello-00001-abc", overrides);
  return containerSpec({
    id: "i1",
    spec,
    container: spec.containers[0],
    port: spec.port?.number,
    image,
    user: { uid: 1000, gid: 1000, home: "/home/cnb" },
    network: {
      namespacePath: "/run/netns/x",
      address: "10.0.0.2",
      gateway: "10.0.0.1",
      [Symbol.asyncDispose]: async () => undefined,
    },
    surroundings: {
      env: { BOTH: "around", CA: "/ca.pem" },
      mounts: [],
      resolver: { nameserver: "10.0.0.1", hosts: {} },
    },
    mounts: [],
    secretEnv: {},
    cpus: 2,
    pids: 100,
  });
}

test("the image decides what runs, unless the revision does", () => {
  assert.deepEqual(container({}).args, ["/entry", "serve"]);
  assert.deepEqual(container({ args: ["other"] }).args, ["/entry", "other"]);
  assert.deepEqual(container({ command: ["/mine"] }).args, ["/mine"]);
  assert.deepEqual(container({ command: ["/mine"], args: ["x"] }).args, ["/mine", "x"]);
});

test("Cloud Run's variables are there and win; revision beats image beats surroundings", () => {
  const env = { BOTH: "revision", PORT: "1", K_SERVICE: "forged" };
  assert.deepEqual(container({ env, port: { number: 8081, protocol: "http1" } }).env, {
    PATH: "/bin",
    HOME: "/home/cnb",
    CA: "/ca.pem",
    FROM_IMAGE: "1",
    BOTH: "revision",
    NAME: "hello-00001-abc",
    PORT: "8081",
    K_SERVICE: "hello",
    K_REVISION: "hello-00001-abc",
    K_CONFIGURATION: "hello",
    CLOUD_RUN_TIMEOUT_SECONDS: "60",
  });
  assert.equal(container({}).env["BOTH"], "image");
});

test("the root file system is writable and in memory, the user is the image's", () => {
  const spec = container({});
  assert.equal(spec.writableRoot, "memory");
  assert.deepEqual(spec.user, { uid: 1000, gid: 1000 });
  assert.equal(spec.cwd, "/workspace");
  assert.deepEqual(spec.limits, { memoryBytes: 256 * 1024 * 1024, cpus: 2, pids: 100 });
});
