import assert from "node:assert/strict";
import { test } from "node:test";
import { bootBuildCalls, type Json, putSecret } from "../../../../tests/support/build-calls.ts";

const REGIONAL = "projects/demo/locations/us-central1";
const IMAGE = "us-central1-docker.pkg.dev/demo/r/hello";

test("a step gets the secrets that it asks for, and a build whose secret cannot be had fails", async () => {
  await using booted = await bootBuildCalls();
  const { api, builder, built, call } = booted;
  await putSecret(api, "demo", "token", "t0p $ecret");
  const build = (version: string) => ({
    availableSecrets: {
      secretManager: [{ versionName: `projects/$PROJECT_ID/secrets/token/versions/${version}`, env: "T" }],
    },
    steps: [
      { name: "gcr.io/k8s-skaffold/pack", args: ["build", IMAGE, "--publish", "--env", "T"], secretEnv: ["T"] },
      { name: "gcr.io/k8s-skaffold/pack", args: ["build", IMAGE, "--publish", "--env", "U=1"] },
    ],
  });
  const succeeded = await built(await call("POST", `${REGIONAL}/builds`, build("latest")));
  assert.equal(succeeded["status"], "SUCCESS", JSON.stringify(succeeded));
  assert.deepEqual(
    builder.requests.map(({ env }) => env["T"] ?? ""),
    ["t0p $ecret", ""],
  );
  assert.doesNotMatch(JSON.stringify(succeeded), /t0p/);
  const failed = await built(await call("POST", `${REGIONAL}/builds`, build("7")));
  assert.equal(failed["status"], "FAILURE");
  assert.match(
    (failed["failureInfo"] as Json)["detail"] as string,
    /^failed to access secret version for secret projects\/demo\/secrets\/token\/versions\/7: Secret Version \[.*\] not found\.$/,
  );
  assert.equal(builder.requests.length, 2);
});
