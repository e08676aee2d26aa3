import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bootBuildCalls as boot, type Json, messageOf } from "../../../../tests/support/build-calls.ts";
import { gitIsHere, startGitServer } from "../../../../tests/support/git-server.ts";

const REGIONAL = "projects/demo/locations/us-central1";
const IMAGE = "us-central1-docker.pkg.dev/demo/r/hello";

const pack = (env: string) => ({
  name: "gcr.io/k8s-skaffold/pack",
  args: ["build", IMAGE, "--publish", "--env", env],
});
describe("triggers of repositories", { skip: gitIsHere() ? false : "NOT RUN: git is not on the PATH" }, () => {
  test("build the branch, tag or commit asked for, by the configuration in it", async () => {
    await using booted = await boot();
    const { builder, built, call } = booted;
    await using server = await startGitServer();
    const config = (env: string) => JSON.stringify({ steps: [pack(env)], substitutions: { _A: "file" } });
    const main = await server.commit("first", { "cloudbuild.yaml": config("A=$_A-$BRANCH_NAME-$REPO_FULL_NAME") });
    await server.git("tag", "v1");
    await server.git("push", "-q", "origin", "v1");
    await server.git("checkout", "-q", "-b", "dev");
    const yaml = `# What every repository has
steps:
- name: gcr.io/k8s-skaffold/pack
  args: [build, "${IMAGE}", --publish, --env, A=dev-$SHORT_SHA]
`;
    const dev = await server.commit("second", { "cloudbuild.yaml": yaml, "x/y": "1" });
    const source = { uri: server.url, ref: "refs/heads/main", repoType: "UNKNOWN" };
    const file = { path: "cloudbuild.yaml", uri: server.url, revision: "refs/heads/main" };
    await call("POST", `${REGIONAL}/triggers`, { name: "repo", sourceToBuild: source, gitFileSource: file });
    const run = async (more: Json) => built(await call("POST", `${REGIONAL}/triggers/repo:run`, { source: more }));
    const first = await run({});
    assert.deepEqual((first["source"] as Json)["gitSource"], { url: server.url, revision: main });
    assert.deepEqual(builder.requests[0]!.env, { A: "file-main-acme/hello" });
    assert.deepEqual(first["substitutions"], {
      _A: "file",
      TRIGGER_NAME: "repo",
      TRIGGER_BUILD_CONFIG_PATH: "cloudbuild.yaml",
      COMMIT_SHA: main,
      REVISION_ID: main,
      SHORT_SHA: main.slice(0, 7),
      REPO_NAME: "hello",
      REPO_FULL_NAME: "acme/hello",
      BRANCH_NAME: "main",
      REF_NAME: "main",
    });
    const { resolvedGitSource } = first["sourceProvenance"] as { resolvedGitSource: Json };
    assert.equal(resolvedGitSource["revision"], main);
    await run({ branchName: "dev" });
    assert.deepEqual(builder.requests[1]!.env, { A: `dev-${dev.slice(0, 7)}` });
    await run({ tagName: "v1" });
    assert.deepEqual(builder.requests[2]!.env, { A: "file--acme/hello" });
    await run({ commitSha: dev });
    assert.deepEqual(builder.requests[3]!.env, { A: `dev-${dev.slice(0, 7)}` });
    const absent = await call("POST", `${REGIONAL}/triggers/repo:run`, { source: { branchName: "absent" } }, 400);
    assert.equal(messageOf(absent), "Couldn't read the repository: couldn't find remote ref refs/heads/absent");
    await call("POST", `${REGIONAL}/triggers`, { name: "auto", sourceToBuild: source, autodetect: true });
    const auto = await built(await call("POST", `${REGIONAL}/triggers/auto:run`, {}));
    assert.equal((auto["substitutions"] as Json)["TRIGGER_BUILD_CONFIG_PATH"], "cloudbuild.yaml");
    await call("PATCH", `${REGIONAL}/triggers/auto?updateMask=filename`, { filename: "none.json" });
    const none = await call("POST", `${REGIONAL}/triggers/auto:run`, {}, 400);
    assert.match(messageOf(none), /^failed to read build config: no file none.json$/);
    for (const [text, problem] of [
      ["steps: [", /^failed unmarshalling build config broken.yaml: /],
      ["stepz: []", /unknown name "stepz"/i],
      ["!!js/function 'no'", /^failed unmarshalling build config broken.yaml: /],
    ] as const) {
      await server.commit("broken", { "broken.yaml": text });
      await call("PATCH", `${REGIONAL}/triggers/auto?updateMask=filename`, { filename: "broken.yaml" });
      const broken = await call("POST", `${REGIONAL}/triggers/auto:run`, { source: { branchName: "dev" } }, 400);
      assert.match(messageOf(broken), problem);
    }
  });

  test("git sources and dependencies come into the workspace of a build, and their absence fails it", async () => {
    await using booted = await boot();
    const { builder, built, call } = booted;
    await using server = await startGitServer();
    await server.commit("first", { "index.js": "1", "app/main.js": "2" });
    const dependency = { repository: { url: server.url }, revision: "main", destPath: "vendor/copy" };
    const build = {
      source: { gitSource: { url: server.url, dir: "app" } },
      dependencies: [{ gitSource: dependency }],
      steps: [pack("A=1")],
    };
    const seen: string[] = [];
    builder.behave = async (request) => {
      seen.push(request.sourceFolder, request.sourcePath ?? "");
      return { status: "SUCCESS", images: [], runImage: "", phases: [] };
    };
    assert.equal((await built(await call("POST", `${REGIONAL}/builds`, build)))["status"], "SUCCESS");
    assert.match(seen.join("/"), /source\/+app$/);
    const broken = { ...build, source: { gitSource: { url: server.url, revision: "nowhere" } } };
    const failed = await built(await call("POST", `${REGIONAL}/builds`, broken));
    assert.deepEqual(failed["failureInfo"], {
      type: "FETCH_SOURCE_FAILED",
      detail: "failed to fetch the source: couldn't find remote ref nowhere",
    });
    const refused = await call(
      "POST",
      `${REGIONAL}/builds`,
      { ...build, source: { repoSource: { repoName: "r" } } },
      400,
    );
    assert.match(messageOf(refused), /build.source.repo_source is not supported/);
  });
});
