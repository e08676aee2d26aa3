import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Gcloud, gcloudIsHere, openGcloud } from "../support/gcloud.ts";
import type { RealServer } from "../support/real-server.ts";
import { pushStepImage } from "../support/step-image.ts";
import { startWarmServer } from "../support/warm-data.ts";

const REPOSITORY = "us-central1-docker.pkg.dev/homerun-local/docker";
const BASE = `${REPOSITORY}/base:v1`;
const REGION = "--region=us-central1";
const SERVER = `require("http").createServer((_, answer) => answer.end(process.env.SAYS)).listen(process.env.PORT)`;

if (gcloudIsHere()) describe("gcloud with Dockerfiles, through the proxy", suite);
else console.warn("NOT RUN: gcloud with Dockerfiles; gcloud is not on the PATH");

function suite(): void {
  let server: RealServer;
  let gcloud: Gcloud;
  let source: string;

  before(async () => {
    server = await startWarmServer();
    gcloud = await openGcloud(server);
    source = join(gcloud.folder, "source");
    await mkdir(source);
    await writeFile(join(source, "server.js"), SERVER);
    const dockerfile = [
      `FROM ${BASE}`,
      "ENV SAYS=docker",
      "COPY . /app",
      "RUN node --version",
      'CMD ["node", "/app/server.js"]',
    ];
    await writeFile(join(source, "Dockerfile"), dockerfile.join("\n"));
    const create = ["artifacts", "repositories", "create", "docker", "--location=us-central1"];
    await gcloud.run(...create, "--repository-format=docker");
    await pushStepImage(server, BASE);
  });
  after(async () => {
    await gcloud?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  test("builds submit --tag builds the Dockerfile and pushes the image", async () => {
    const image = `${REPOSITORY}/app:v1`;
    const { stdout, stderr } = await gcloud.run("builds", "submit", `--tag=${image}`, source);
    assert.match(stdout, /^Already have image \(with digest\): gcr\.io\/cloud-builders\/docker$/m, stderr);
    assert.match(stdout, /^Step 4\/5 : RUN node --version\nv\d+\.\d+\.\d+$/m);
    assert.match(stdout, /^Successfully tagged us-central1-docker\.pkg\.dev\/homerun-local\/docker\/app:v1$/m);
    const listed = await gcloud.run("artifacts", "docker", "images", "list", REPOSITORY, "--include-tags");
    assert.match(listed.stdout, /docker\/app +sha256:[0-9a-f]+ +v1/);
  });

  test("run deploy --source builds the Dockerfile, and the service answers", async () => {
    const { stderr } = await gcloud.run(
      "run",
      "deploy",
      "docked",
      `--source=${source}`,
      REGION,
      "--allow-unauthenticated",
    );
    assert.match(stderr, /Building Container.*done/s);
    const url = /^Service URL: (https:\S+)$/m.exec(stderr)![1]!;
    assert.equal(await gcloud.exec("curl", "-sS", url), "docker");
  });

  test("a Dockerfile that fails shows why", async () => {
    await writeFile(join(source, "Dockerfile"), `FROM ${BASE}\nRUN exit 3\n`);
    const message = await gcloud.fail("builds", "submit", `--tag=${REPOSITORY}/app:v2`, source);
    assert.match(message, /BUILD FAILURE: Build step failure: build step 0 "gcr\.io\/cloud-builders\/docker" failed/);
  });
}
