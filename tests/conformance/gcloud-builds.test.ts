import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Gcloud, gcloudIsHere, openGcloud } from "../support/gcloud.ts";
import type { RealServer } from "../support/real-server.ts";
import { pushStepImage } from "../support/step-image.ts";
import { until } from "../support/until.ts";
import { startWarmServer } from "../support/warm-data.ts";

const REPOSITORY = "us-central1-docker.pkg.dev/homerun-local/steps";
const BOX = `${REPOSITORY}/box:v1`;
const REGION = "--region=us-central1";

if (gcloudIsHere()) describe("gcloud builds, through the proxy", suite);
else console.warn("NOT RUN: gcloud builds; gcloud is not on the PATH");

interface Described {
  readonly status: string;
  readonly steps: { readonly status: string; readonly exitCode?: number; readonly pullTiming?: object }[];
  readonly results: {
    readonly images?: { readonly name: string; readonly digest: string; readonly pushTiming?: object }[];
    readonly buildStepImages: string[];
    readonly buildStepOutputs?: string[];
    readonly artifactManifest?: string;
    readonly numArtifacts?: string;
  };
  readonly timing: Record<string, object>;
  readonly failureInfo?: { readonly type: string; readonly detail: string };
  readonly sourceProvenance: { readonly fileHashes: Record<string, { fileHash: { type: string; value: string }[] }> };
}

function suite(): void {
  let server: RealServer;
  let gcloud: Gcloud;
  let source: string;

  before(async () => {
    server = await startWarmServer();
    gcloud = await openGcloud(server);
    source = join(gcloud.folder, "source");
    await mkdir(source);
    await gcloud.run(
      "artifacts",
      "repositories",
      "create",
      "steps",
      "--location=us-central1",
      "--repository-format=docker",
    );
    await pushStepImage(server, BOX);
    await gcloud.run("storage", "buckets", "create", "gs://homerun-local-made");
  });
  after(async () => {
    await gcloud?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  /** Writes a build configuration; JSON is YAML. */
  async function config(build: object): Promise<string> {
    const file = join(gcloud.folder, "cloudbuild.yaml");
    await writeFile(file, JSON.stringify(build));
    return `--config=${file}`;
  }
  const describeBuild = async (id: string, ...flags: string[]) =>
    JSON.parse((await gcloud.run("builds", "describe", id, "--format=json", ...flags)).stdout) as Described;
  const idIn = (stderr: string) => /builds\/([0-9a-f-]{36})\]/.exec(stderr)![1]!;

  test("submits a graph of steps, streams its log, and stores what it made", async () => {
    await writeFile(join(source, "words.txt"), "one two three");
    const volumes = [{ name: "shared", path: "/shared" }];
    const meet = (own: string, other: string) =>
      `touch /shared/${own}\nuntil [[ -e /shared/${other} ]]; do sleep 0.05; done\necho met ${other}`;
    const build = await config({
      steps: [
        { name: BOX, id: "left", waitFor: ["-"], volumes, script: meet("left", "right") },
        { name: BOX, id: "right", waitFor: ["-"], volumes, script: meet("right", "left") },
        {
          name: BOX,
          waitFor: ["left", "right"],
          entrypoint: "bash",
          args: ["-ec", "echo $GREETING $_WHO; wc -w <words.txt >count.txt; printf made >$$BUILDER_OUTPUT/output"],
        },
        { name: BOX, script: "exit 4", allowExitCodes: [4] },
      ],
      substitutions: { _WHO: "world" },
      options: { env: ["GREETING=Hello"], sourceProvenanceHash: ["SHA256"], substitutionOption: "ALLOW_LOOSE" },
      artifacts: { objects: { location: "gs://homerun-local-made/out/", paths: ["*.txt"] } },
      tags: ["steps"],
    });
    const { stdout, stderr } = await gcloud.run("builds", "submit", source, build);
    for (const line of [
      'Starting Step #0 - "left"',
      `Step #0 - "left": Pulling image: ${BOX}`,
      'Step #0 - "left": met right',
      'Step #1 - "right": met left',
      'Finished Step #1 - "right"',
      `Step #2: Already have image (with digest): ${BOX}`,
      "PUSH",
      "Artifacts will be uploaded to gs://homerun-local-made/out/",
      "2 total artifacts uploaded to gs://homerun-local-made/out/",
      "DONE",
    ])
      assert.ok(stdout.split("\n").includes(line), `${line}\n${stdout}`);
    const id = idIn(stderr);
    const described = await describeBuild(id);
    assert.deepEqual(
      described.steps.map(({ status, exitCode = 0 }) => [status, exitCode]),
      [...["SUCCESS", "SUCCESS", "SUCCESS"].map((status) => [status, 0]), ["FAILURE", 4]],
    );
    const { results, timing, sourceProvenance } = described;
    assert.ok(results.buildStepImages.every((digest) => /^sha256:[0-9a-f]{64}$/.test(digest)));
    assert.equal(Buffer.from(results.buildStepOutputs![2]!, "base64").toString(), "made");
    assert.deepEqual(Object.keys(timing).toSorted(), ["BUILD", "FETCHSOURCE", "PUSH"]);
    const [hashes] = Object.values(sourceProvenance.fileHashes);
    assert.equal(hashes!.fileHash[0]!.type, "SHA256");
    assert.equal(results.numArtifacts, "2");
    assert.equal(results.artifactManifest, `gs://homerun-local-made/out/artifacts-${id}.json`);
    const read = async (name: string) => (await gcloud.run("storage", "cat", name)).stdout;
    assert.equal((await read("gs://homerun-local-made/out/count.txt")).trim(), "3");
    const manifest = (await read(results.artifactManifest)).trim().split("\n");
    const locations = manifest.map((line) => (JSON.parse(line) as { location: string }).location);
    assert.match(locations.join(" "), /out\/count\.txt#\d+ gs:\/\/homerun-local-made\/out\/words\.txt#\d+$/);
    const filter = `resource.labels.build_id=${id} AND labels.build_step="Step #0 - \\"left\\""`;
    const entries = await gcloud.run("logging", "read", filter, "--format=value(textPayload,labels.build_tags)");
    assert.match(entries.stdout, /Step #0 - "left": met right\tsteps/);
  });

  test("runs pack as one step of several, and later steps in the image it made", async () => {
    const image = `${REPOSITORY}/app`;
    const pack = ["build", image, "--env=GOOGLE_FUNCTION_TARGET=hello", "--env=GOOGLE_RUNTIME=nodejs22", "--path=app"];
    const code = 'exports.hello = (_, response) => response.send("made by a step");';
    const build = await config({
      steps: [
        { name: BOX, script: `mkdir app\ncat >app/index.js <<'EOF'\n${code}\nEOF\necho '{}' >app/package.json` },
        { name: "gcr.io/k8s-skaffold/pack", args: pack },
        { name: image, entrypoint: "sh", args: ["-c", "cat index.js"], dir: "/workspace/app" },
      ],
      images: [image],
    });
    const { stdout, stderr } = await gcloud.run("builds", "submit", "--no-source", build);
    assert.match(stdout, /^Step #1: ===> BUILDING$/m);
    assert.match(stdout, /^Step #2: Already have image: .*\/app$/m);
    assert.match(stdout, /^Step #2: exports\.hello = /m);
    assert.match(stdout, /^latest: digest: sha256:[0-9a-f]{64}$/m);
    const { results } = await describeBuild(idIn(stderr));
    assert.equal(results.images!.length, 1);
    assert.ok(results.images![0]!.pushTiming);
    const listed = await gcloud.run("artifacts", "docker", "images", "list", image, "--include-tags");
    assert.ok(listed.stdout.includes(results.images![0]!.digest) && listed.stdout.includes("latest"));
  });

  test("steps reach Google's hosts as the build's service account, and not the server itself", async () => {
    const token = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default";
    const script = [
      `curl -sSf -H Metadata-Flavor:Google ${token}/email; echo`,
      `access=$(curl -sSf -H Metadata-Flavor:Google ${token}/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
      'curl -sSf -H "Authorization: Bearer $access" https://storage.googleapis.com/storage/v1/b/homerun-local-made | grep \'"name"\'',
      `gateway=$(sed -n 's/nameserver //p' /etc/resolv.conf)`,
      `curl -sS -m 3 http://$gateway:${server.apiPort}/ || echo refused $?`,
      `chown 1234:1234 /workspace && touch /etc/apt-file && ls -nd /workspace`,
    ].join("\n");
    const { stdout } = await gcloud.run(
      "builds",
      "submit",
      "--no-source",
      await config({ steps: [{ name: BOX, script }] }),
    );
    assert.match(stdout, /^\d+@cloudbuild\.gserviceaccount\.com$/m);
    assert.match(stdout, /"name": ?"homerun-local-made"/);
    assert.match(stdout, /^refused (7|28)$/m);
    assert.match(stdout, /^drwx\S+ +\d+ 1234 1234 /m);
    assert.doesNotMatch(stdout, /Step #0/, "a single step has no name in front of its lines");
  });

  test("cancels a build at once, and follows the log of one that runs", async () => {
    const build = await config({
      steps: [{ name: BOX, script: "echo it runs; sleep 600" }],
      images: [`${REPOSITORY}/never`],
    });
    const { stderr } = await gcloud.run("builds", "submit", "--no-source", "--async", REGION, build);
    const id = idIn(stderr);
    const following = gcloud.run("builds", "log", "--stream", id, REGION);
    await until(async () => {
      const log = await gcloud.run("builds", "log", id, REGION).catch(() => undefined);
      return log?.stdout.includes("it runs");
    });
    await gcloud.run("builds", "cancel", id, REGION);
    assert.match((await following).stdout, /^it runs$/m);
    assert.equal((await describeBuild(id, REGION)).status, "CANCELLED");
    const failing = await config({ steps: [{ name: BOX, script: "exit 3" }], timeout: "60s" });
    assert.match(
      await gcloud.fail("builds", "submit", "--no-source", failing),
      /BUILD FAILURE: Build step failure: build step 0 "\S+" failed: step exited with non-zero status: 3/,
    );
  });
}
