import assert from "node:assert/strict";
import { test } from "node:test";
import { type HostFacts, loadConfig } from "./config.ts";
import { ConfigError, readEnv, settings } from "./env.ts";
import { parseMemory } from "./memory.ts";

const host: HostFacts = { homeDir: "/home/ada", workingDir: "/work", memoryBytes: 16 * 2 ** 30, cpus: 4 };

function problemsOf(body: () => unknown): readonly string[] {
  try {
    body();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test("nothing set gives the defaults", () => {
  assert.deepEqual(loadConfig(readEnv({ PATH: "/bin", HOMERUN_PORT: "" }), host), {
    dataDir: "/home/ada/.homerun",
    listen: { host: "127.0.0.1", port: 8484, ingressPort: 8485 },
    storeLocation: "/home/ada/.homerun/homerun.sqlite",
    logLevel: "INFO",
    runtime: undefined,
    machine: { memoryBytes: 16 * 2 ** 30, cpus: 4 },
    idleMs: undefined,
    stemMemoryBytes: 256 * 2 ** 20,
    clock: "system",
    otlpEndpoint: undefined,
    sources: { debianMirror: undefined, npmRegistry: undefined },
  });
});

test("every setting is read from its variable", () => {
  const env = {
    HOMERUN_DATA_DIR: "data",
    HOMERUN_HOST: "0.0.0.0",
    HOMERUN_PORT: "0",
    HOMERUN_INGRESS_PORT: "0",
    HOMERUN_STORE_URL: "postgres://ada:secret@db.example:5432/homerun",
    HOMERUN_LOG_LEVEL: "debug",
    HOMERUN_RUNTIME: "/opt/runsc",
    HOMERUN_MACHINE_MEMORY: "2Gi",
    HOMERUN_MACHINE_CPUS: "1.5",
    HOMERUN_IDLE_TIMEOUT: "30s",
    HOMERUN_STEM_MEMORY: "0",
    HOMERUN_CLOCK: "manual",
    HOMERUN_OTLP_ENDPOINT: "http://collector.example:4318",
    HOMERUN_DEBIAN_MIRROR: "http://mirror.example/debian",
    HOMERUN_NPM_REGISTRY: "https://npm.example/",
  };
  assert.deepEqual(
    Object.keys(env).toSorted(),
    Object.values(settings)
      .map(({ variable }) => variable)
      .toSorted(),
  );
  assert.deepEqual(loadConfig(readEnv(env), host), {
    dataDir: "/work/data",
    listen: { host: "0.0.0.0", port: 0, ingressPort: 0 },
    storeLocation: "postgres://ada:secret@db.example:5432/homerun",
    logLevel: "DEBUG",
    runtime: "/opt/runsc",
    machine: { memoryBytes: 2 * 2 ** 30, cpus: 1.5 },
    idleMs: 30_000,
    stemMemoryBytes: 0,
    clock: "manual",
    otlpEndpoint: "http://collector.example:4318",
    sources: { debianMirror: "http://mirror.example/debian", npmRegistry: "https://npm.example/" },
  });
});

test("flags come before variables", () => {
  const config = loadConfig({ ...readEnv({ HOMERUN_PORT: "1", HOMERUN_DATA_DIR: "/a" }), port: "2" }, host);
  assert.deepEqual([config.listen.port, config.dataDir], [2, "/a"]);
});

test("every wrong setting is named in one error, and a password is not repeated", () => {
  const env = {
    HOMERUN_PORT: "84x",
    HOMERUN_INGRESS_PORT: "65536",
    HOMERUN_STORE_URL: "mysql://ada:secret@db",
    HOMERUN_LOG_LEVEL: "LOUD",
    HOMERUN_RUNTIME: "crun",
    HOMERUN_MACHINE_MEMORY: "17Gi",
    HOMERUN_MACHINE_CPUS: "-1",
    HOMERUN_IDLE_TIMEOUT: "soon",
    HOMERUN_STEM_MEMORY: "some",
    HOMERUN_CLOCK: "sundial",
    HOMERUN_DEBIAN_MIRROR: "mirror",
    HOMERUN_NPM_REGISTRY: "ftp://npm",
  };
  const problems = problemsOf(() => loadConfig(readEnv(env), host));
  for (const variable of Object.keys(env)) {
    assert.equal(problems.filter((problem) => problem.startsWith(`${variable} (--`)).length, 1, variable);
  }
  assert.equal(problems.length, Object.keys(env).length);
  assert.doesNotMatch(problems.join(), /secret/);
});

test("the two ports must differ", () => {
  assert.deepEqual(
    problemsOf(() => loadConfig({ port: "8485" }, host)),
    ["the APIs and the functions cannot share port 8485"],
  );
});

test("a variable that means nothing is refused by name", () => {
  const problems = problemsOf(() => readEnv({ HOMERUN_PROT: "1", HOMERUN_PORT: "1", HOMERUN_: "x" }));
  assert.equal(problems.length, 2);
  assert.match(problems[0] ?? "", /^HOMERUN_PROT is no setting; .*HOMERUN_PORT/);
});

test("memory has Google's units", () => {
  const examples: [string, number][] = [
    ["256Mi", 268_435_456],
    ["1Gi", 2 ** 30],
    ["0.5Gi", 2 ** 29],
    ["512M", 512_000_000],
    ["1G", 1e9],
    ["128k", 128_000],
    ["1000", 1_000],
  ];
  for (const [text, bytes] of examples) assert.equal(parseMemory(text), bytes, text);
  for (const text of ["", "0", "Mi", "1 Gi", "1gi", "-1G", "1GB", "1e9", "9999999999T"]) {
    assert.throws(() => parseMemory(text), /no amount of memory/, text);
  }
});
