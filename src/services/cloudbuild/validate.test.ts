import assert from "node:assert/strict";
import { test } from "node:test";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { BuildSchema } from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { stepRequestsOf } from "./step-requests.ts";
import { validateBuild } from "./validate.ts";

const step = (more: JsonObject = {}): JsonObject => ({ name: "ubuntu", ...more });
const steps = (...list: JsonObject[]) => refuse({ steps: list.map(step) });

/** The message that a build is refused with. */
function refuse(more: JsonObject): string {
  const build = fromJson(BuildSchema, { steps: [step()], ...more });
  try {
    validateBuild(build);
    stepRequestsOf(build);
  } catch (error) {
    return (error as Error).message;
  }
  return assert.fail("the build is accepted");
}

test("steps, volumes, artifacts and secrets that make no sense are refused in Google's words", () => {
  const volumes = [{ name: "vol", path: "/v" }];
  const objects = (more: JsonObject) =>
    refuse({ artifacts: { objects: { location: "gs://b", paths: ["x"], ...more } } });
  const key = "projects/demo/locations/global/keyRings/r/cryptoKeys/k";
  const secret = { versionName: "projects/demo/secrets/s/versions/1", env: "S" };
  const cases: [string, RegExp][] = [
    [steps({ id: "a" }, { id: "a" }), /build step #1 - "a": the ID is not unique$/],
    [steps({ id: "a", waitFor: ["b"] }, { id: "b", waitFor: ["a"] }), /#0 - "a" depends on "b", which has not been/],
    [steps({ name: "" }), /build step 0 must specify name$/],
    [steps({ name: "UBUNTU" }), /invalid build step name "UBUNTU" contains uppercase letters$/],
    [steps({ env: ["A"] }), /the Env entry "A" must be of the form "KEY=VALUE"$/],
    [steps({ script: "x", args: ["y"] }), /script cannot be specified with entrypoint or args$/],
    [steps({ timeout: "7200s" }), /must be less than or equal to build timeout value of "1h0m0s"$/],
    [steps({ allowExitCodes: [256] }), /exit code 256 is not between 1 and 255$/],
    [steps({ volumes }), /Volume "vol" is only used by one step$/],
    [steps({ volumes: [{ name: "vol", path: "/workspace/" }] }, {}), /path "\/workspace\/" is reserved$/],
    [steps({ volumes: [{ name: "vol", path: "v" }] }, {}), /path "v" is not valid, must be absolute$/],
    [refuse({ options: { volumes } }), /Global volumes defined but there are fewer than two steps$/],
    [refuse({ options: { diskSizeGb: "5000" } }), /disk size must be between 0 and 4000 GB$/],
    [refuse({ images: ["a b"] }), /invalid image name "a b"$/],
    [objects({ location: "b" }), /Google Cloud Storage URLs must begin with 'gs:\/\/'$/],
    [objects({ paths: ["a", "a"] }), /duplicate paths; remove duplicates \[a\]$/],
    [steps({ secretEnv: ["S"] }), /secretEnv "S" is used without being defined$/],
    [refuse({ availableSecrets: { secretManager: [secret] } }), /secretEnv "S" is defined without being used$/],
    [
      refuse({ steps: [step({ secretEnv: ["S"] })], secrets: [{ kmsKeyName: key, secretEnv: { S: "eA==" } }] }),
      /^The field build.secrets is not supported/,
    ],
  ];
  for (const [message, pattern] of cases) assert.match(message, pattern);
});

test("what Cloud Build takes is taken", () => {
  const volumes = [{ name: "vol", path: "/v" }];
  const build = fromJson(BuildSchema, {
    steps: [
      step({ id: "a", waitFor: ["-"], volumes, env: ["A=", "B=1=2"], timeout: "60s", allowExitCodes: [1] }),
      step({ id: "b", waitFor: ["-"], volumes, script: "#!/usr/bin/env bash\ntrue", dir: "/opt" }),
      step({
        waitFor: ["a", "b"],
        name: "gcr.io/p/i@sha256:" + "a".repeat(64),
        entrypoint: "bash",
        args: ["-c", "true"],
      }),
    ],
    options: {
      env: ["C=3"],
      diskSizeGb: "200",
      volumes: [{ name: "all", path: "/all" }],
      requestedVerifyOption: "VERIFIED",
    },
    artifacts: { images: ["gcr.io/p/made"], objects: { location: "gs://b/f", paths: ["*.txt"] } },
    timeout: "60s",
  });
  validateBuild(build);
  const requests = stepRequestsOf(build);
  assert.deepEqual(
    requests.map(({ after }) => after),
    [[], [], [0, 1]],
  );
  assert.deepEqual(requests[0]!.env, { A: "", B: "1=2", C: "3" });
  assert.deepEqual(
    requests.map((request) => request.volumes.map(({ name }) => name)),
    [["all", "vol"], ["all", "vol"], ["all"]],
  );
});
