import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Gcloud, gcloudIsHere, openGcloud } from "../support/gcloud.ts";
import type { RealServer } from "../support/real-server.ts";
import { startWarmServer } from "../support/warm-data.ts";

const REGION = "--region=us-central1";
const IMAGE = "us-central1-docker.pkg.dev/homerun-local/cloud-run-source-deploy/app";
const CODE = `
const { readFileSync } = require("node:fs");
const secret = () => { try { return readFileSync("/secrets/key", "utf8"); } catch { return null; } };
require("node:http").createServer((request, response) => {
  const { A, B, SECRET, PORT, K_REVISION } = process.env;
  response.end(JSON.stringify({ args: process.argv.slice(2), A, B, SECRET, PORT, K_REVISION, file: secret() }));
}).listen(process.env.PORT);
`;
const DOCKERFILE = `FROM ${IMAGE}\nENTRYPOINT ["node", "index.js"]\nCMD ["from", "docker"]\n`;
/** Flags of one deployment, beside what `gcloud run services describe` prints for them. */
const SETTINGS: readonly (readonly [flag: string, printed: RegExp])[] = [
  ["--port=9000", /Port: +9000/],
  ["--command=node", /Command: +node/],
  ["--args=index.js,a,b", /Args: +index\.js a b/],
  ["--set-env-vars=A=1,B=two", /Env vars:\n +A +1\n +B +two/],
  ["--set-secrets=/secrets/key=password:latest,SECRET=password:1", /Secrets:\n[^\n]*\n? +SECRET +password:1/],
  ["--memory=1Gi", /Memory: +1Gi/],
  ["--cpu=2", /CPU: +2/],
  ["--concurrency=7", /Concurrency: +7/],
  ["--timeout=77", /Timeout: +77s/],
  ["--min-instances=1", /Min instances: +1/],
  ["--max-instances=3", /Max instances: +3/],
  ["--min=1", /Scaling: +Auto \(Min: 1\)/],
  ["--ingress=internal-and-cloud-load-balancing", /Ingress: internal-and-cloud-load-balancing/],
  ["--no-cpu-throttling", /CPU is always allocated/],
  ["--session-affinity", /Session Affinity: +true/],
  ["--labels=team=blue", /^team:blue$/m],
  ["--execution-environment=gen2", /Second Generation/],
  ["--description=A service with everything", /Description: A service with everything/],
  ["--service-account=robot@homerun-local.iam.gserviceaccount.com", /Service account: +robot@/],
  ["--startup-probe=tcpSocket.port=9000,periodSeconds=2,failureThreshold=9", /TCP every 2s[\s\S]*Type: +Custom/],
  ["--liveness-probe=httpGet.path=/live,periodSeconds=20", /HTTP every 20s\n +Path: +\/live/],
  ["--add-volume=name=scratch,type=in-memory,size-limit=64Mi", /scratch\n +type: +in-memory\n +size-limit: +64Mi/],
  ["--add-volume-mount=volume=scratch,mount-path=/scratch", /Volume Mounts:\n +\/scratch/],
  ["--vpc-egress=all-traffic", /Egress: +all-traffic/],
  ["--network=default", /Network: +default/],
  ["--subnet=default", /Subnet: +default/],
];
/** What is refused, beside what gcloud prints then. */
const REFUSALS: readonly (readonly [flag: string, printed: string | RegExp])[] = [
  ["--image=nope", "Expected an image path like host/repo-path[:tag and/or @digest] but obtained nope"],
  ["--cpu=3", "cpu: Invalid value specified for cpu."],
  ["--memory=64Gi", "For 1.0 CPU, memory must be between 128Mi and 4Gi inclusive."],
  ["--timeout=4000", "spec.template.spec.timeoutSeconds: must be whole seconds between 1 and 3600."],
  ["--set-env-vars=K_SERVICE=x", "The following reserved env names were provided: K_SERVICE."],
  ["--gpu=1", "The resource nvidia.com/gpu is not supported by homerun."],
  ["--region=us-nowhere1", "Location 'us-nowhere1' is not a valid region."],
  ["--binary-authorization=default", /binary-authorization\] is not supported by homerun/],
];

if (gcloudIsHere()) describe("gcloud run services", servicesSuite);
else console.warn("NOT RUN: gcloud run services; gcloud is not on the PATH");

function servicesSuite(): void {
  let server: RealServer;
  let gcloud: Gcloud;

  before(async () => {
    server = await startWarmServer();
    gcloud = await openGcloud(server);
  });
  after(async () => {
    await gcloud?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });
  const table = async (...args: string[]) => (await gcloud.run("run", ...args, REGION)).stdout;
  const progress = async (...args: string[]) => (await gcloud.run("run", ...args, REGION)).stderr;
  const failure = (...args: string[]) => gcloud.fail("run", ...args, REGION);
  const urlIn = (printed: string) => /^(?:Service )?URL: +(https:\S+)$/m.exec(printed)![1]!;
  const answerOf = async (url: string) => {
    const { status, body } = await server.call(url);
    assert.equal(status, 200, body);
    return JSON.parse(body) as Record<string, unknown>;
  };

  test("deploys a plain Node.js program and a Dockerfile from source", async () => {
    const [app, docker] = [join(gcloud.folder, "app"), join(gcloud.folder, "docker")];
    await mkdir(app);
    await mkdir(docker);
    await writeFile(join(app, "package.json"), '{ "name": "app", "scripts": { "start": "node index.js" } }');
    await writeFile(join(app, "index.js"), CODE);
    await writeFile(join(docker, "Dockerfile"), DOCKERFILE);
    const deployed = await progress("deploy", "app", `--source=${app}`, "--allow-unauthenticated");
    assert.match(deployed, /Building using Buildpacks[\s\S]*Building Container.*done[\s\S]*Setting IAM Policy.*done/);
    assert.equal((await answerOf(urlIn(deployed)))["PORT"], "8080");
    const built = await progress("deploy", "docker", `--source=${docker}`, "--allow-unauthenticated");
    assert.match(built, /Building using Dockerfile/);
    assert.deepEqual((await answerOf(urlIn(built)))["args"], ["from", "docker"]);
  });

  test("deploys an image with every setting, and describes them", async () => {
    const secret = join(gcloud.folder, "secret");
    await writeFile(secret, "s3cret");
    await gcloud.run("secrets", "create", "password", `--data-file=${secret}`);
    const account = "--member=serviceAccount:robot@homerun-local.iam.gserviceaccount.com";
    await gcloud.run(
      "secrets",
      "add-iam-policy-binding",
      "password",
      account,
      "--role=roles/secretmanager.secretAccessor",
    );
    const flags = SETTINGS.map(([flag]) => flag);
    const deployed = await progress("deploy", "full", `--image=${IMAGE}`, "--revision-suffix=one", "--tag=t", ...flags);
    assert.match(deployed, /revision \[full-one\] has been deployed and is serving 100 percent of traffic/);
    assert.match(deployed, /The revision can be reached directly at https:\/\/t---full-\S+\.a\.run\.app/);
    const [described, revision] = await Promise.all([
      table("services", "describe", "full"),
      table("revisions", "describe", "full-one"),
    ]);
    for (const [flag, printed] of SETTINGS) assert.match(described, printed, flag);
    assert.match(revision, /Image: +\S+@sha256:[0-9a-f]{64}[\s\S]*Deploying revision succeeded in \d+\.\d\ds\./);
  });

  test("changes some settings and leaves the others, and serves with them", async () => {
    const changes = ["--remove-env-vars=A", "--update-env-vars=C=3", "--ingress=all", "--no-invoker-iam-check"];
    const updated = await progress("services", "update", "full", ...changes, "--update-labels=team=red");
    assert.match(updated, /revision \[full-00002-\w{3}\] has been deployed/);
    const { K_REVISION, ...answer } = await answerOf(urlIn(updated));
    assert.match(String(K_REVISION), /^full-00002-/);
    const secrets = { SECRET: "s3cret", file: "s3cret" };
    assert.deepEqual(answer, { args: ["a", "b"], B: "two", PORT: "9000", ...secrets });
    const described = await table("services", "describe", "full");
    assert.match(described, /team:red[\s\S]*Env vars:\n +B +two\n +C +3[\s\S]*Concurrency: +7/);
  });

  test("replaces a service by its exported form, tries it only, and makes one from it", async () => {
    const file = join(gcloud.folder, "service.yaml");
    const exported = await table("services", "describe", "app", "--format=export");
    await writeFile(file, exported.replace("containerConcurrency: 80", "containerConcurrency: 1001"));
    assert.match(await failure("services", "replace", file, "--dry-run"), /must be between 1 and 1000/);
    await writeFile(file, exported.replace("containerConcurrency: 80", "containerConcurrency: 40"));
    assert.match(await progress("services", "replace", file, "--dry-run"), /has been validated for service \[app\]/);
    assert.match(await progress("services", "replace", file), /New configuration has been applied to service \[app\]/);
    assert.match(await table("services", "describe", "app"), /Concurrency: +40/);
    await writeFile(file, (await readFile(file, "utf8")).replace(/name: app$/m, "name: twin"));
    assert.match(await progress("services", "replace", file), /Deploying new service[\s\S]*service \[twin\]/);
    const names = await table("services", "list", "--format=value(metadata.name)");
    assert.deepEqual(names.trim().split("\n"), ["app", "docker", "full", "twin"]);
  });

  test("runs a sidecar beside the container that serves", async () => {
    const main = ["--container=main", `--image=${IMAGE}`, "--port=8080", "--depends-on=side"];
    const probe = "--startup-probe=tcpSocket.port=9090,periodSeconds=1,failureThreshold=60";
    const side = ["--container=side", `--image=${IMAGE}`, "--set-env-vars=PORT=9090", probe];
    const { stderr } = await gcloud.run("run", "deploy", "pair", REGION, ...main, ...side);
    assert.match(stderr, /revision \[pair-00001-\w{3}\] has been deployed/);
    assert.match(await table("services", "describe", "pair"), /Container main[\s\S]*Container side/);
  });

  test("tells what is wrong or not supported in one line", async () => {
    const refused = async ([flag, printed]: (typeof REFUSALS)[number]) => {
      const region = flag.startsWith("--region") ? [] : [REGION];
      const image = flag.startsWith("--image") ? [] : [`--image=${IMAGE}`];
      const error = await gcloud.fail("run", "deploy", "wrong", ...image, flag, ...region);
      const line = error.split("\n").find((each) => each.startsWith("ERROR: (gcloud.run.deploy) "))!;
      assert.ok(typeof printed === "string" ? line.includes(printed) : printed.test(line), `${flag}: ${error}`);
    };
    for (let index = 0; index < REFUSALS.length; index += 2) {
      await Promise.all(REFUSALS.slice(index, index + 2).map(refused));
    }
    assert.match(await failure("services", "describe", "wrong"), /Cannot find service \[wrong\]/);
  });

  test("tells why a revision is not ready, and what the service serves then", async () => {
    const missing = await failure("deploy", "broken", `--image=${IMAGE}-not-there`);
    assert.match(
      missing,
      /Revision 'broken-00001-\w{3}' is not ready and cannot serve traffic\. Image '\S+' not found/,
    );
    const crashing = await failure("deploy", "app", `--image=${IMAGE}`, "--command=false");
    assert.match(crashing, /failed to start and listen on the port defined provided by the PORT=8080[\s\S]*Logs URL:/);
    const described = await table("services", "describe", "app");
    assert.match(described, /^! Service app[\s\S]*100% LATEST \(currently app-00002-\w{3}\)/);
    await answerOf(urlIn(described));
  });

  test("binds roles, and tells what is no member", async () => {
    const binding = ["--member=user:jane@example.com", "--role=roles/run.invoker"];
    await progress("services", "add-iam-policy-binding", "docker", ...binding);
    const policy = await table("services", "get-iam-policy", "docker");
    assert.match(policy, /- allUsers\n +- user:jane@example\.com\n +role: roles\/run\.invoker[\s\S]*version: 1/);
    await progress("services", "remove-iam-policy-binding", "docker", ...binding);
    const wrong = ["--member=jane", "--role=roles/run.invoker"];
    const refused = await failure("services", "add-iam-policy-binding", "docker", ...wrong);
    assert.match(refused, /INVALID_ARGUMENT: The member jane is of an unknown type/);
  });

  test("lists regions; refuses domain mappings and several regions by name, at once", async () => {
    const [regions, mappings, several] = await Promise.all([
      gcloud.run("run", "regions", "list"),
      gcloud.fail("beta", "run", "domain-mappings", "list", REGION),
      gcloud.fail("beta", "run", "deploy", "many", `--image=${IMAGE}`, "--regions=us-central1,us-east1"),
    ]);
    assert.match(regions.stdout, /^us-central1$/m);
    assert.match(mappings, /Domain mapping is not supported by homerun/);
    assert.doesNotMatch(mappings, /network/);
    assert.match(several, /run\.googleapis\.com\/regions\] is not supported by homerun/);
  });
}
