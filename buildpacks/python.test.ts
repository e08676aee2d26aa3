import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { filesOf } from "./lib/python/requirement-files.ts";
import { run as missingEntrypoint } from "./python-missing-entrypoint/buildpack.ts";
import { run as functionsFramework } from "./python-functions-framework/buildpack.ts";
import { run as pip } from "./python-pip/buildpack.ts";
import { run as pipenv } from "./python-pipenv/buildpack.ts";
import { run as poetry } from "./python-poetry/buildpack.ts";
import { run as runtime } from "./python-runtime/buildpack.ts";
import { run as uv } from "./python-uv/buildpack.ts";
import { run as webserver } from "./python-webserver/buildpack.ts";
import type { Program } from "./lib/program.ts";

type Files = Readonly<Record<string, string>>;
type Env = Readonly<Record<string, string>>;

interface Run {
  readonly status: number;
  readonly log: string;
  /** What it left, by its path in the layers folder. */
  readonly left: (path: string) => string;
}

/** Runs a phase on an application of some files. */
async function run(name: string, program: Program, phase: "detect" | "build", files: Files, env: Env): Promise<Run> {
  using temp = mkdtempDisposableSync(join(tmpdir(), "python-"));
  const app = writeFiles(join(temp.path, "app"), files);
  const layers = writeFiles(join(temp.path, "layers"), {});
  const log: string[] = [];
  const status = await program(phase, {
    cwd: app,
    env: {
      CNB_BUILDPACK_DIR: join(import.meta.dirname, `python-${name}`),
      CNB_LAYERS_DIR: layers,
      CNB_BUILD_PLAN_PATH: join(layers, "plan.toml"),
      ...env,
    },
    write: (output) => void log.push(output.toString()),
  });
  const kept = new Map(["plan.toml", "launch.toml"].map((path) => [path, readIfThere(join(layers, path))]));
  return { status, log: log.join(""), left: (path) => kept.get(path) ?? "" };
}

function writeFiles(folder: string, files: Files): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

const PROJECT = '[project]\nname = "a"\nversion = "1"\n';
const PROGRAMS = { runtime, pip, uv, poetry, pipenv, webserver, "functions-framework": functionsFramework } as const;

const detections: readonly [name: keyof typeof PROGRAMS, files: Files, env: Env, status: number, log: string][] = [
  ["runtime", { "src/a.py": "" }, {}, 0, "Opting in: found .py files"],
  ["runtime", { "node_modules/a/a.py": "" }, {}, 100, "Opting out: no .py files found"],
  ["runtime", {}, { GOOGLE_RUNTIME: "python313" }, 0, 'Opting in: GOOGLE_RUNTIME matches "python"'],
  [
    "runtime",
    { "a.py": "" },
    { GOOGLE_RUNTIME: "go126" },
    100,
    'Opting out: GOOGLE_RUNTIME does not match to "python"',
  ],
  ["pip", {}, {}, 0, "Opting in: always enabled"],
  ["uv", {}, {}, 100, "Opting out: environment variable GOOGLE_PYTHON_PACKAGE_MANAGER is not uv"],
  ["uv", {}, { GOOGLE_PYTHON_PACKAGE_MANAGER: "UV" }, 0, "Opting in: environment variable"],
  ["uv", {}, { GOOGLE_RUNTIME_VERSION: "3.14.*" }, 0, "is not set, using uv as default package manager"],
  ["uv", {}, { GOOGLE_RUNTIME: "python313" }, 100, "is not uv"],
  ["uv", { "pyproject.toml": PROJECT }, {}, 0, "is not set, using uv as default package manager"],
  ["uv", { "pyproject.toml": PROJECT }, { GOOGLE_PYTHON_PACKAGE_MANAGER: "pip" }, 100, "is not uv"],
  ["uv", { "pyproject.toml": PROJECT, "uv.lock": "" }, {}, 0, "Opting in: found pyproject.toml and uv.lock"],
  ["uv", { "pyproject.toml": PROJECT, "requirements.txt": "" }, {}, 100, "is not uv"],
  ["poetry", { "pyproject.toml": PROJECT }, {}, 100, "Opting out: neither poetry.lock nor [tool.poetry] found"],
  ["poetry", { "pyproject.toml": PROJECT, "poetry.lock": "" }, {}, 0, "Opting in: found poetry.lock"],
  ["poetry", { "pyproject.toml": "[tool.poetry]" }, {}, 0, "Opting in: found [tool.poetry] in pyproject.toml"],
  ["poetry", { "pyproject.toml": "[[" }, {}, 1, "could not parse pyproject.toml"],
  ["pipenv", { Pipfile: "" }, {}, 0, "Opting in: found Pipfile"],
  ["pipenv", { Pipfile: "", "requirements.txt": "" }, {}, 100, "prefer requirements.txt"],
  ["webserver", { "requirements.txt": "gunicorn==1" }, {}, 100, "Opting out: gunicorn present in requirements.txt"],
  ["webserver", { "requirements.txt": "gunicorn-x" }, {}, 0, "Opting in: gunicorn missing from requirements.txt"],
  ["webserver", {}, { GOOGLE_ENTRYPOINT: "x" }, 100, "Opting out: custom entrypoint present"],
  ["functions-framework", {}, {}, 100, "Opting out: GOOGLE_FUNCTION_TARGET not set"],
];

test("buildpacks opt in and out as Google's do", async () => {
  for (const [name, files, env, status, log] of detections) {
    const result = await run(name, PROGRAMS[name], "detect", files, env);
    const what = `${name} ${Object.keys(files).join()} ${JSON.stringify(env)}: ${result.log}`;
    assert.equal(result.status, status, what);
    assert.ok(result.log.includes(log), what);
  }
});

test("requirements files are offered and taken by the build plan", async () => {
  const plan = async (name: keyof typeof PROGRAMS, files: Files): Promise<string> =>
    (await run(name, PROGRAMS[name], "detect", files, { GOOGLE_FUNCTION_TARGET: "f" })).left("plan.toml");
  assert.match(await plan("functions-framework", {}), /provides[^]*requirements\.txt/);
  assert.equal(await plan("functions-framework", { "pyproject.toml": PROJECT }), "");
  assert.doesNotMatch(await plan("pip", {}), /provides[^]*name[^]*requires/);
  assert.match(await plan("pip", { "requirements.txt": "" }), /provides[^]*name[^]*requires[^]*name/);
});

const entrypoints: readonly [files: Files, version: string, command: string][] = [
  [{ "main.py": "" }, "3.11", "gunicorn -b :8080 main:app"],
  [{ "app.py": "", "requirements.txt": "uvicorn" }, "3.11", "gunicorn -b :8080 app:app"],
  [{ "app.py": "", "requirements.txt": "uvicorn" }, "3.13", "uvicorn app:app --port 8080 --host 0.0.0.0"],
  [{ "main.py": "", "requirements.txt": "uvicorn\ngunicorn" }, "3.13", "gunicorn -b :8080 main:app"],
  [{ "main.py": "", "requirements.txt": "uvicorn-worker" }, "3.13", "gunicorn -b :8080 main:app"],
  [
    { "main.py": "", "requirements.txt": "fastapi[standard]==1" },
    "3.13",
    "uvicorn main:app --port 8080 --host 0.0.0.0",
  ],
  [{ "main.py": "", "requirements.txt": "gradio" }, "3.13", "python main.py"],
  [
    { "app.py": "", "requirements.txt": "streamlit>1" },
    "3.13",
    "streamlit run app.py --server.address 0.0.0.0 --server.port 8080",
  ],
  [{ "requirements.txt": "google-adk" }, "3.13", "adk api_server --port 8080 --host 0.0.0.0"],
  [{ "pyproject.toml": `${PROJECT}scripts = { only = "a:b" }` }, "3.13", "uv run only"],
  [{ "pyproject.toml": '[tool.poetry.scripts]\nstart = "a:b"\nx = "a:c"' }, "3.13", "poetry run start"],
];

test("an application that does not say how it starts is started by what it depends on", async () => {
  for (const [files, version, command] of entrypoints) {
    const env = { GOOGLE_RUNTIME_VERSION: version };
    const result = await run("missing-entrypoint", missingEntrypoint, "build", files, env);
    assert.ok(result.log.includes(`WARNING: Setting default entrypoint: "${command}"`), result.log);
    assert.match(result.left("launch.toml"), /type = "web"/);
  }
  const none = await run("missing-entrypoint", missingEntrypoint, "build", {}, { GOOGLE_RUNTIME_VERSION: "3.13" });
  assert.match(
    none.log,
    /for Python, provide a main\.py or app\.py file or set an entrypoint with "GOOGLE_ENTRYPOINT"/,
  );
});

test("whatever a requirements file refers to in the application decides what is installed", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "requirements-"));
  const requirements = `# -r not.txt
-r more/other.txt
--constraint=limits.txt
-e ./local
package @ file:wheels/p.whl \\
    --hash=sha256:0
remote @ https://packages.example/x.whl
--find-links vendor
plain==1.0
`;
  writeFiles(temp.path, {
    "requirements.txt": requirements,
    "more/other.txt": "-c nested.txt",
    "more/nested.txt": "",
    "limits.txt": "",
    "local/setup.py": "",
    "local/__pycache__/setup.pyc": "",
    "wheels/p.whl": "",
    "vendor/q.whl": "",
    "not.txt": "",
  });
  const found = filesOf(temp.path, ["requirements.txt", "missing"]).map(({ path }) => path);
  const folders = ["local", "vendor"];
  const files = ["limits.txt", "local/setup.py", "more/nested.txt", "more/other.txt", "requirements.txt"];
  assert.deepEqual(found, [...folders, ...files, "missing", "vendor/q.whl", "wheels/p.whl"].toSorted());
});
