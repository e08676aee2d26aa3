import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import type { BuildOutcome, BuildpackBuildRequest } from "../build.ts";
import type { PackStep, StepRequest } from "../steps/steps.ts";
import { type BuilderBench, createBuilderBench, DESTINATION } from "../testing/builder-bench.ts";
import { buildpackFiles, orderToml, pushBuilder, pushBuildpackage } from "../testing/push-builder.ts";

const REGISTRY = "us-central1-docker.pkg.dev/project/builders";
const RUN_IMAGE = "us-central1-docker.pkg.dev/serverless-runtimes/test/run";

/** Writes a server that answers with what the build has found out. */
const SERVER = `mkdir -p "$CNB_LAYERS_DIR/server" /workspace/assets
cat > "$CNB_LAYERS_DIR/server/server.js" <<X
require("http").createServer((q, r) => r.end("$(id -u) $SETTING $(ls | tr '\\n' ' ')")).listen(process.env.PORT)
X
printf '[types]\\nlaunch = true' > "$CNB_LAYERS_DIR/server.toml"
for type in web worker; do printf '[[processes]]\\ntype = "%s"\\ncommand = ["node", "%s/server/server.js"]\\n' $type "$CNB_LAYERS_DIR"; done > "$CNB_LAYERS_DIR/launch.toml"
echo "default = $IS_DEFAULT" >> "$CNB_LAYERS_DIR/launch.toml"
echo "built by $(id -u) with $SETTING on $CNB_STACK_ID"`;

let bench: BuilderBench;
let builder: string;
before(async () => {
  bench = await createBuilderBench("host");
  await bench.runImage("nodejs22");
  const runImages = [{ image: "other.example/run", mirrors: [RUN_IMAGE] }];
  builder = await pushBuilder(bench, `${REGISTRY}/foreign:v1`, {
    files: {
      ...buildpackFiles("example/server", { build: SERVER }),
      ...buildpackFiles("example/never", { detect: "exit 100" }),
      "cnb/order.toml": orderToml("example/never") + orderToml("example/server"),
    },
    labels: { "io.buildpacks.builder.metadata": JSON.stringify({ runImages }), "io.buildpacks.stack.id": "example" },
  });
});
after(() => bench[Symbol.asyncDispose]());

const ENV = { SETTING: "given", IS_DEFAULT: "true" };

async function build(
  source: string,
  pack: BuildpackBuildRequest["pack"],
  changes: Partial<BuildpackBuildRequest> = {},
): Promise<{ digest: string; log: string }> {
  const { outcome, log } = await bench.build(source, { env: ENV, runImage: "", ...(pack ? { pack } : {}), ...changes });
  assert.equal(outcome.status, "SUCCESS", log.join("\n"));
  return { digest: outcome.status === "SUCCESS" ? outcome.images[0]!.digest : "", log: log.join("\n") };
}

async function failure(pack: BuildpackBuildRequest["pack"], files: Record<string, string> = {}): Promise<string> {
  const { outcome } = await bench.build(bench.source(files), { env: ENV, runImage: "", ...(pack ? { pack } : {}) });
  assert.notEqual(outcome.status, "SUCCESS");
  return (outcome as Exclude<BuildOutcome, { status: "SUCCESS" }>).detail;
}

test("a builder image brings order, buildpacks, users and run image; the same source gives the same image", async () => {
  const source = bench.source({ "a.txt": "a" });
  const { digest, log } = await build(source, { builder });
  assert.match(log, /^example\/server 1\.0\.0$/m);
  assert.match(log, /^built by 1234 with given on example$/m);
  assert.equal(await bench.call(digest), "1234 given a.txt assets ");
  const { config } = await bench.config(digest);
  assert.deepEqual(config?.Entrypoint, ["/cnb/process/worker"]);
  // The run image's own user runs what the builder's user has made.
  assert.equal(config?.User, "33");
  const metadata = JSON.parse(config?.Labels?.["io.buildpacks.lifecycle.metadata"] ?? "{}") as {
    runImage: { image: string; mirrors: string[]; reference: string };
  };
  assert.deepEqual([metadata.runImage.image, metadata.runImage.mirrors], ["other.example/run", [RUN_IMAGE]]);
  assert.ok(metadata.runImage.reference.startsWith(`${RUN_IMAGE}@sha256:`));
  assert.equal((await build(source, { builder, defaultProcess: "worker" })).digest, digest);
  const web = await build(source, { builder, defaultProcess: "web" });
  assert.deepEqual((await bench.config(web.digest)).config?.Entrypoint, ["/cnb/process/web"]);
});

test("project.toml names builder, files, variables and buildpacks; images of buildpacks lie over the builder", async () => {
  const files = buildpackFiles("example/packaged", { build: "echo packaged > packaged.txt" });
  const image = await pushBuildpackage(bench, `${REGISTRY}/packaged:v1`, {
    id: "example/packaged",
    version: "1.0.0",
    files,
  });
  const descriptor = `[_]\nschema-version = "0.2"\n[io.buildpacks]\nbuilder = "${builder}"\nexclude = ["*.md"]
[[io.buildpacks.build.env]]\nname = "SETTING"\nvalue = "of the project"\n[[io.buildpacks.pre.group]]\nuri = "docker://${image}"
[[io.buildpacks.post.group]]\nid = "inline"\n[io.buildpacks.post.group.script]\napi = "0.10"\ninline = "echo inline sees $(cat packaged.txt)"`;
  const source = bench.source({ "project.toml": descriptor, "README.md": "" });
  const { digest, log } = await build(source, undefined, { env: { IS_DEFAULT: "true" } });
  assert.match(log, /^inline sees packaged$/m);
  assert.equal(await bench.call(digest), "1234 of the project assets packaged.txt project.toml ");
});

test("what cannot be had fails the build in words that name it", async () => {
  assert.match(await failure({ builder: `${REGISTRY}/none:v1` }), /^failed to fetch builder image '\S+\/none:v1': /);
  assert.match(await failure({ builder: "UPPER/x" }), /^invalid builder image 'UPPER\/x'/);
  assert.match(await failure({ builder, buildpacks: ["no/such"] }), /buildpack 'no\/such@' is not there/);
  assert.match(await failure({ builder, buildpacks: [`docker://${builder}`] }), /is not a buildpack$/);
  assert.match(await failure({ builder, defaultProcess: "none" }), /tried to set none to default/);
  assert.match(await failure({}, { "project.toml": "[build]\nbuilder = 1" }), /builder must be a string/);
  const bare = await pushBuilder(bench, `${REGISTRY}/bare:v1`, { files: {} });
  assert.match(
    await failure({ builder: bare }),
    /run image must be specified: the builder image '\S+' does not name one/,
  );
  const { outcome } = await bench.build(bench.source({}), { runImage: RUN_IMAGE, pack: { builder: bare } });
  assert.match(JSON.stringify(outcome), /\/cnb\/order\.toml is missing/);
});

test("a detection that never ends is stopped when the build's time is over", async () => {
  const endless = buildpackFiles("example/endless", { detect: "sleep 1000 & wait" });
  const files = { ...endless, "cnb/order.toml": orderToml("example/endless") };
  const name = await pushBuilder(bench, `${REGISTRY}/endless:v1`, { files });
  const request = { runImage: RUN_IMAGE, pack: { builder: name }, timeoutSeconds: 2 };
  const { outcome } = await bench.build(bench.source({}), request);
  assert.equal(outcome.status, "TIMEOUT");
});

test("options of a pack step count from its folder, and an earlier step's default builder where none is named", async () => {
  const workspace = bench.source({ "sub/app/b.txt": "", "sub/build.env": "SETTING=of a file", "sub/p.toml": "" });
  const step = (pack: PackStep): StepRequest => ({
    name: "gcr.io/k8s-skaffold/pack",
    id: "",
    after: [],
    entrypoint: "",
    args: [],
    script: "",
    env: {},
    dir: "sub",
    volumes: [],
    timeoutSeconds: undefined,
    allowFailure: false,
    allowExitCodes: [],
    pack,
  });
  const options = { envFiles: ["build.env"], descriptor: "p.toml", defaultProcess: "web" };
  const env = { IS_DEFAULT: "false" };
  const pack = {
    command: "build",
    names: [DESTINATION],
    publish: true,
    env,
    runImage: "",
    path: "app",
    options,
  } as const;
  const lines: string[] = [];
  const outcome = await bench.builder.runBuildSteps({
    id: randomUUID(),
    workspace,
    steps: [step({ command: "config", defaultBuilder: builder }), { ...step(pack), after: [0] }],
    images: [DESTINATION],
    cacheKey: "project",
    machine: { cpus: 2, memoryBytes: 2 ** 30 },
    diskBytes: 2 ** 30,
    timeoutSeconds: 60,
    serviceAccountEmail: "build@project.iam.gserviceaccount.com",
    project: { id: "project", number: "123" },
    location: "us-central1",
    log: { isFull: false, behind: undefined, line: (text) => void lines.push(text) },
    signal: new AbortController().signal,
  });
  assert.equal(outcome.status, "SUCCESS", lines.join("\n"));
  assert.equal(await bench.call(outcome.images[0]!.digest), "1234 of a file assets b.txt ");
});
