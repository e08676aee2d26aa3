import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type BuilderBench, createBuilderBench } from "./testing/builder-bench.ts";
import { buildpackFiles, pushBuilder } from "./testing/push-builder.ts";

const VARIABLE = "HOMERUN_TEST_BUILDPACKS";
const GIVEN = process.env[VARIABLE] ?? "";
const RUN_IMAGE = "us-central1-docker.pkg.dev/serverless-runtimes/test/run:latest";

/** Stands in for buildpacks that download Node.js: the image has it. */
const NODE = `provides() { for name; do printf '[[provides]]\\nname = "%s"\\n' $name; done; }
{ provides node node_modules npm; echo '[[or]]'; provides node node_modules | sed s/provides/or.provides/; } > "$CNB_BUILD_PLAN_PATH"`;
const SERVER = `require("http").createServer((q, r) => r.end([process.env.WORDS, ...process.argv.slice(2)].join())).listen(process.env.PORT)\n`;

interface Trial {
  /** Ids of one group, in order; those of "test/" are this test's own. */
  readonly group: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  /** Builds, and looks at what came out. */
  check(build: () => Promise<Built>, bench: BuilderBench): Promise<void>;
  /** What a project that these files are added to fails with. */
  readonly failure?: { readonly files: Readonly<Record<string, string>>; readonly detail: RegExp };
}

interface Built {
  readonly digest: string;
  readonly log: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly processes: readonly { type: string; command: readonly string[]; direct: boolean; buildpackID: string }[];
}

const TRIALS: Readonly<Record<string, Trial>> = {
  "Google's make a function of a package that does not depend on the framework": {
    group: [
      "google.utils.archive-source",
      "google.nodejs.npm",
      "google.nodejs.functions-framework",
      "google.utils.label-image",
    ],
    env: {
      X_GOOGLE_TARGET_PLATFORM: "gcf",
      GOOGLE_RUNTIME: "nodejs22",
      GOOGLE_FUNCTION_TARGET: "hello",
      GOOGLE_LABEL_TEAM: "homerun",
    },
    files: {
      "package.json": `{"dependencies": {"left-pad": "1.3.0"}}`,
      "index.js": `exports.hello = (q, r) => r.send(require("left-pad")(process.env.FUNCTION_TARGET, 8));`,
    },
    async check(build, bench) {
      const { digest, labels, processes, log } = await build();
      assert.equal(await bench.call(digest), "   hello", log);
      assert.equal(labels["google.team"], "homerun");
      assert.equal(labels["google.source-archive"], "/workspace/.googlebuild/source-code.tar.gz");
      const [web] = processes;
      assert.deepEqual([web?.type, web?.direct, web?.buildpackID], ["web", true, "google.nodejs.functions-framework"]);
      const again = await build();
      assert.match(again.log, /CACHE HIT: "npm_modules"[^]*CACHE HIT: "functions-framework"/);
      assert.equal(await bench.call(again.digest), "   hello");
    },
  },
  "Google's take processes from a Procfile": {
    group: ["google.config.entrypoint", "google.utils.label-image"],
    env: { GOOGLE_LABEL_TEAM_NAME: "a b" },
    files: {
      Procfile: `web: WORDS="$GREETING you" exec node server.js "$(pwd)"\nworker: sleep 1\n`,
      "server.js": SERVER,
    },
    async check(build, bench) {
      const { digest, labels, processes } = await build();
      assert.equal(await bench.call(digest, { env: { GREETING: "hey" } }), "hey you,/workspace");
      assert.equal(labels["google.team-name"], "a b");
      assert.deepEqual(processes.map(({ type }) => type).sort(), ["web", "worker"]);
    },
    failure: {
      files: { Procfile: "worker: sleep 1\n" },
      detail: /web process not found in Procfile, found processes: \[worker\]/,
    },
  },
  "Paketo's take variables, labels, and processes of a shell": {
    group: ["paketo-buildpacks/procfile", "paketo-buildpacks/environment-variables", "paketo-buildpacks/image-labels"],
    env: {
      BPE_DEFAULT_WORDS: "by default",
      BPE_APPEND_PATH: "/opt/own",
      BPE_DELIM_PATH: ":",
      BPE_OVERRIDE_SET: "set",
      BP_IMAGE_LABELS: `team="home run" b=2`,
      BP_OCI_AUTHORS: "somebody",
    },
    files: {
      Procfile: `web: exec node server.js "$PATH" "$SET"\nother: node server.js\n`,
      "server.js": SERVER,
    },
    async check(build, bench) {
      const { digest, labels, processes } = await build();
      const answer = await bench.call(digest, { env: { SET: "of the operator" } });
      assert.match(answer, /^by default,\S*\/usr\/bin:\/bin:\/opt\/own,set$/);
      assert.match(await bench.call(digest, { env: { WORDS: "given" } }), /^given,/);
      assert.equal(labels["team"], "home run");
      assert.equal(labels["b"], "2");
      assert.equal(labels["org.opencontainers.image.authors"], "somebody");
      assert.deepEqual(
        processes.map(({ type, direct }) => [type, direct]),
        [
          ["other", false],
          ["web", false],
        ],
      );
    },
  },
  "Paketo's require Node.js of another buildpack and start a file with it": {
    group: ["test/node", "paketo-buildpacks/node-start"],
    env: {},
    files: { "server.js": SERVER, "package.json": "{}" },
    async check(build, bench) {
      const { digest, processes } = await build();
      assert.equal(await bench.call(digest, { env: { WORDS: "node-start" } }), "node-start");
      assert.deepEqual(processes[0]?.command, ["node"]);
    },
  },
  "Paketo's start a package's script": {
    group: ["test/node", "paketo-buildpacks/npm-start"],
    env: {},
    files: {
      "server.js": SERVER,
      "package.json": `{"scripts": {"prestart": "echo before", "start": "node server.js from npm"}}`,
    },
    async check(build, bench) {
      const { digest, processes } = await build();
      assert.equal(await bench.call(digest, { env: { WORDS: "start" } }), "start,from,npm");
      assert.deepEqual(processes[0]?.command, ["sh"]);
    },
  },
  "the samples compose one another, and scripts of a layer are processes": {
    group: ["samples/hello-universe", "samples/hello-processes", "test/web"],
    env: { SETTING: "given" },
    files: { "server.js": SERVER },
    async check(build, bench) {
      const { digest, log, processes } = await build();
      assert.match(log, /Hello World buildpack[^]*Hello Moon buildpack[^]*Adding sys-info process/);
      assert.match(log, /world = "Earth-616"/);
      assert.match(log, /declare -x SETTING="given"/);
      const type = processes.find(({ buildpackID }) => buildpackID === "samples/hello-processes");
      assert.deepEqual(type?.command, ["/layers/samples_hello-processes/sys-info/sys-info.sh"]);
      assert.equal(await bench.call(digest, { env: { WORDS: "samples" } }), "samples");
    },
  },
};

const OWN = {
  ...buildpackFiles("test/node", { detect: NODE }),
  ...buildpackFiles("test/web", {
    build: `printf '[[processes]]\\ntype = "web"\\ncommand = ["node", "server.js"]\\ndefault = true' > "$CNB_LAYERS_DIR/launch.toml"`,
  }),
};

/** The version that is there of a buildpack; undefined if it is not. */
function versionOf(id: string): string | undefined {
  if (id.startsWith("test/")) return "1.0.0";
  const folder = join(GIVEN, id.replaceAll("/", "_"));
  return GIVEN && existsSync(folder) ? readdirSync(folder)[0] : undefined;
}

for (const [name, trial] of Object.entries(TRIALS)) {
  const missing = trial.group.filter((id) => versionOf(id) === undefined);
  if (missing.length === 0) test(name, () => run(trial));
  else console.warn(`NOT RUN: ${name}; ${VARIABLE} names no folder of buildpacks with ${missing.join(", ")}`);
}

async function run({ group, env, files, check, failure }: Trial): Promise<void> {
  await using bench = await createBuilderBench("host");
  await bench.runImage("nodejs22");
  const elements = group.map((id) => `[[order.group]]\nid = "${id}"\nversion = "${versionOf(id)}"\n`);
  const builder = await pushBuilder(bench, "us-central1-docker.pkg.dev/project/builders/given:v1", {
    files: { ...OWN, "cnb/order.toml": `[[order]]\n${elements.join("")}` },
    buildpacks: GIVEN,
    labels: {
      "io.buildpacks.builder.metadata": JSON.stringify({ stack: { runImage: { image: RUN_IMAGE } } }),
      "io.buildpacks.stack.id": "google.24",
    },
  });
  const source = bench.source(files);
  await check(async () => {
    const { outcome, log } = await bench.build(source, { runImage: "", env, pack: { builder } });
    assert.equal(outcome.status, "SUCCESS", `${JSON.stringify(outcome)}\n${log.join("\n")}`);
    const digest = outcome.status === "SUCCESS" ? outcome.images[0]!.digest : "";
    const labels = (await bench.config(digest)).config?.Labels ?? {};
    const metadata = JSON.parse(labels["io.buildpacks.build.metadata"] ?? "{}") as Pick<Built, "processes">;
    return { digest, log: log.join("\n"), labels, processes: metadata.processes };
  }, bench);
  if (failure === undefined) return;
  const { outcome } = await bench.build(bench.source(failure.files, source), { runImage: "", env, pack: { builder } });
  assert.match(outcome.status === "FAILURE" ? outcome.detail : "", failure.detail);
}
