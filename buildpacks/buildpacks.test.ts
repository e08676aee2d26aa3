import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { Program } from "./lib/program.ts";

interface Run {
  readonly status: number | null;
  readonly log: string;
  /** What the buildpack left in its layers folder, by path. */
  readonly left: (path: string) => string | undefined;
}

/** Runs bin/detect or bin/build of a buildpack as a process, as any lifecycle may. */
function run(
  buildpack: string,
  phase: "detect" | "build",
  files: Record<string, string>,
  env: Record<string, string> = {},
): Run {
  using temp = mkdtempDisposableSync(join(tmpdir(), "buildpack-"));
  const [app, layers] = [join(temp.path, "app"), join(temp.path, "layers")];
  for (const folder of [app, layers]) mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(app, name)), { recursive: true });
    writeFileSync(join(app, name), content);
  }
  const root = join(import.meta.dirname, buildpack);
  const { status, stderr } = spawnSync(join(root, "bin", phase), {
    cwd: app,
    encoding: "utf8",
    env: {
      PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
      CNB_BUILDPACK_DIR: root,
      CNB_LAYERS_DIR: layers,
      BUILDER_OUTPUT: join(layers, "output"),
      ...env,
    },
  });
  const contents = new Map(
    ["launch.toml", "output/output", "function/env.launch/NODE_OPTIONS.prepend"].map((path) => {
      const file = join(layers, path);
      return [path, existsSync(file) ? readFileSync(file, "utf8") : undefined] as const;
    }),
  );
  return { status, log: stderr, left: (path) => contents.get(path) };
}

const detections: readonly [
  buildpack: string,
  files: string[],
  env: Record<string, string>,
  status: number,
  reason: string,
][] = [
  ["nodejs-runtime", [], {}, 100, "Opting out: neither package.json nor any .js files found"],
  ["nodejs-runtime", ["package.json"], {}, 0, "Opting in: found package.json"],
  ["nodejs-runtime", ["a.js"], {}, 0, "Opting in: found .js files"],
  ["nodejs-runtime", [], { GOOGLE_RUNTIME: "nodejs22" }, 0, 'Opting in: GOOGLE_RUNTIME matches "nodejs"'],
  [
    "nodejs-runtime",
    ["package.json"],
    { GOOGLE_RUNTIME: "python312" },
    100,
    'Opting out: GOOGLE_RUNTIME does not match to "nodejs"',
  ],
  ["nodejs-npm", ["package.json"], {}, 0, "Opting in: found package.json"],
  ["nodejs-npm", [], {}, 100, "Opting out: package.json not found"],
  ["nodejs-yarn", ["package.json", "yarn.lock"], {}, 0, "Opting in: found yarn.lock and package.json"],
  [
    "nodejs-yarn",
    ["package.json"],
    {},
    100,
    "Opting out: yarn.lock not found and GOOGLE_PACKAGE_MANAGER is not set to yarn",
  ],
  [
    "nodejs-yarn",
    ["package.json"],
    { GOOGLE_PACKAGE_MANAGER: "Yarn" },
    0,
    "Opting in: package.json found and GOOGLE_PACKAGE_MANAGER=yarn",
  ],
  ["nodejs-pnpm", ["package.json", "pnpm-lock.yaml"], {}, 0, "Opting in: found pnpm-lock.yaml and package.json"],
  ["nodejs-bun", ["package.json", "bun.lock"], {}, 0, "Opting in: found bun.lock"],
  ["nodejs-bun", ["package.json", "bun.lock", "bun.lockb"], {}, 0, "Opting in: found bun.lockb"],
  ["nodejs-bun", ["package.json"], {}, 100, "Opting out: bun.lockb or bun.lock not found"],
  [
    "nodejs-bun",
    ["package.json"],
    { GOOGLE_PACKAGE_MANAGER: "bun" },
    0,
    "Opting in: package.json found and GOOGLE_PACKAGE_MANAGER=bun",
  ],
  ["nodejs-functions-framework", [], {}, 100, "Opting out: GOOGLE_FUNCTION_TARGET not set"],
  [
    "nodejs-functions-framework",
    [],
    { GOOGLE_FUNCTION_TARGET: "f" },
    0,
    'Opting in: GOOGLE_FUNCTION_TARGET set to "f"',
  ],
  ["config-entrypoint", ["Procfile"], {}, 0, "Opting in: found Procfile"],
  ["config-entrypoint", [], { X_GOOGLE_TARGET_PLATFORM: "gcf" }, 0, 'Opting in: X_GOOGLE_TARGET_PLATFORM set to "gcf"'],
  ["utils-label", [], {}, 0, "Opting in: always enabled"],
];

for (const [buildpack, files, env, status, reason] of detections) {
  test(`${buildpack} and [${files.join(", ")}] ${JSON.stringify(env)}`, async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "buildpack-"));
    for (const name of files) writeFileSync(join(temp.path, name), "{}");
    const module = (await import(`./${buildpack}/buildpack.ts`)) as { run: Program };
    const log: string[] = [];
    const write = (output: string | Uint8Array): void => void log.push(output.toString());
    const result = await module.run("detect", { env, cwd: temp.path, write });
    assert.deepEqual([result, log.join("").trim()], [status, reason]);
  });
}

test("bin/detect says by its exit status whether the buildpack takes part", () => {
  assert.equal(run("nodejs-npm", "detect", { "package.json": "{}" }).status, 0);
  const { status, log } = run("nodejs-npm", "detect", {});
  assert.deepEqual([status, log], [100, "Opting out: package.json not found\n"]);
});

test("labels are written as Google writes them, and those it refuses are skipped", () => {
  const env = { GOOGLE_LABEL_Some_Key: "Value", GOOGLE_LABEL_a__b: "x", GOOGLE_LABEL_1: "x" };
  const { status, log, left } = run("utils-label", "build", {}, env);
  assert.equal(status, 0, log);
  assert.match(left("launch.toml")!, /key = "google\.some-key"\nvalue = "Value"/);
  assert.match(log, /WARNING: Label "a__b" must not contain consecutive underscores, skipping\./);
  assert.match(log, /WARNING: Label "1" does not match/);
});

test("of a Procfile the first process of a name counts, and there must be one for web", () => {
  const { log, left } = run("config-entrypoint", "build", {
    Procfile: "web: node a.js\nweb: node b.js\nworker: sleep 1\n",
  });
  assert.match(log, /WARNING: Skipping duplicate web process: node b\.js/);
  assert.match(left("launch.toml")!, /command = \[ "bash", "-c", "node a\.js" \]/);
  assert.match(left("launch.toml")!, /type = "worker"/);
  const failed = run("config-entrypoint", "build", { Procfile: "worker: sleep 1\n" });
  assert.equal(failed.status, 1);
  assert.match(
    failed.log,
    /failed to build: \(error ID: [0-9a-f]{8}\):\nweb process not found in Procfile, found processes: \[worker\]/,
  );
});

const refusals: readonly [what: string, files: Record<string, string>, env: Record<string, string>, message: string][] =
  [
    [
      "a source elsewhere",
      {},
      { GOOGLE_FUNCTION_SOURCE: "x" },
      "GOOGLE_FUNCTION_SOURCE is not currently supported for Node.js buildpacks",
    ],
    ["no file", {}, {}, "function.js does not exist"],
    ["no main file", { "package.json": '{"main":"lib.js"}', "index.js": "" }, {}, "lib.js does not exist"],
    [
      "a package.json that is none",
      { "package.json": "[]", "index.js": "" },
      {},
      "unmarshalling package.json: not an object",
    ],
    [
      "pnpm without the framework",
      { "package.json": "{}", "pnpm-lock.yaml": "", "index.js": "" },
      {},
      "This project is using pnpm but you have not included the Functions Framework in your dependencies. Please add it by running: 'pnpm add @google-cloud/functions-framework'.",
    ],
    [
      "injection that is forbidden",
      { "index.js": "" },
      { GOOGLE_SKIP_FRAMEWORK_INJECTION: "true" },
      "Functions Framework must be set as a dependency when skipping automatic framework injection has been enabled via GOOGLE_SKIP_FRAMEWORK_INJECTION",
    ],
  ];

for (const [what, files, env, message] of refusals) {
  test(`a function with ${what} is refused in Google's words`, () => {
    const { status, left } = run("nodejs-functions-framework", "build", files, { GOOGLE_FUNCTION_TARGET: "f", ...env });
    assert.equal(status, 1);
    const { error } = JSON.parse(left("output/output")!) as { error: { errorMessage: string; buildpackId: string } };
    assert.deepEqual([error.errorMessage, error.buildpackId], [message, "google.nodejs.functions-framework"]);
  });
}

test("a function's memory bounds the heap, and its framework is started without a search for node", () => {
  const framework = JSON.stringify({ version: "3.5.1", bin: { "functions-framework": "main.js" } });
  const files = {
    "package.json": '{"dependencies":{"@google-cloud/functions-framework":"3"}}',
    "index.js": "",
    "node_modules/@google-cloud/functions-framework/package.json": framework,
  };
  const env = { GOOGLE_FUNCTION_TARGET: "f", GOOGLE_CONTAINER_MEMORY_HINT_MB: "256" };
  const { status, log, left } = run("nodejs-functions-framework", "build", files, env);
  assert.equal(status, 0, log);
  assert.equal(left("function/env.launch/NODE_OPTIONS.prepend"), "--max-old-space-size=192");
  assert.match(
    left("launch.toml")!,
    /command = \[ "node", "\/.*\/node_modules\/@google-cloud\/functions-framework\/main\.js" \]/,
  );
});
