import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { leftoversOf } from "../support/leftovers.ts";
import { until } from "../support/until.ts";
import { warmDataFolder } from "../support/warm-data.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const EXAMPLE = join(REPOSITORY, "examples", "hello-http");

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The commands as a user types them, one after the other, on one server. */
describe("homerun's command line", () => {
  let dataDir: string;

  before(async () => {
    dataDir = await warmDataFolder();
  });
  after(async () => {
    await homerun("down");
    await rm(dataDir, { recursive: true, force: true });
  });

  function homerun(...args: string[]): Promise<Ended> {
    const command = [join(REPOSITORY, "src", "main.js"), args[0]!, "--data-dir", dataDir, ...args.slice(1)];
    return new Promise((resolve) => {
      execFile(process.execPath, command, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      );
    });
  }

  async function succeeds(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await homerun(...args);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  async function json<Answer>(...args: string[]): Promise<Answer> {
    return JSON.parse(await succeeds(...args, "--format=json")) as Answer;
  }

  test("status says that no server runs, and other commands how to start one", async () => {
    const { code, stdout } = await homerun("status", "--format=json");
    assert.deepEqual([code, (JSON.parse(stdout) as { running: boolean }).running], [3, false]);
    const { code: refused, stderr } = await homerun("list");
    assert.equal(refused, 1);
    assert.match(stderr, /^homerun: no server is running on .*; start one with: homerun up --detach/);
  });

  test("up starts a server in the background, on free ports, and only one on a folder", async () => {
    const greeting = await succeeds("up", "--detach", "--port=0", "--ingress-port=0");
    assert.match(greeting, /^homerun is ready\n +APIs and proxy +http:\/\/127\.0\.0\.1:\d+\n +functions +http:/);
    assert.ok(greeting.includes(`eval "$(homerun env --data-dir ${dataDir})"`));
    const status = await json<{ running: boolean; api: string; caFile: string }>("status");
    assert.equal(status.running, true);
    assert.ok(greeting.includes(status.api));
    assert.match(await readFile(status.caFile, "utf8"), /BEGIN CERTIFICATE/);
    const { code, stderr } = await homerun("up", "--port=0", "--ingress-port=0");
    assert.equal(code, 1);
    assert.match(stderr, /^homerun: .*already/);
  });

  test("up says in one line which port is in use", async () => {
    const { api, ingress } = await json<{ api: string; ingress: string }>("status");
    const other = await mkdtemp(join(tmpdir(), "homerun-other-"));
    const cases = [
      { url: api, flags: (port: string) => ["--port", port, "--ingress-port=0"], flag: "--port" },
      {
        url: ingress,
        flags: (port: string) => ["--detach", "--ingress-port", port, "--port=0"],
        flag: "--ingress-port",
      },
    ];
    for (const { url, flags, flag } of cases) {
      const { port } = new URL(url);
      const { code, stderr } = await homerun("up", "--data-dir", other, ...flags(port));
      assert.equal(code, 1);
      const lines = stderr.split("\n").filter((line) => line && !line.includes('"INFO"'));
      assert.equal(lines.length, 1, stderr);
      assert.ok(lines[0]!.startsWith(`homerun: port ${port} of 127.0.0.1 is in use; choose another with ${flag}, `));
    }
    await rm(other, { recursive: true });
  });

  test("env prints what a shell needs", async () => {
    const { api } = await json<{ api: string }>("status");
    const proxy = await succeeds("env", "--project", "my-project");
    assert.ok(proxy.includes(`export HTTPS_PROXY='${api}'\n`));
    assert.match(proxy, /^export CLOUDSDK_CORE_PROJECT='my-project'$/m);
    const overrides = await succeeds("env", "--overrides");
    assert.ok(overrides.includes(`export CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDFUNCTIONS='${api}/cloudfunctions/'\n`));
    assert.doesNotMatch(overrides, /HTTPS_PROXY/);
  });

  test("deploy shows each stage, with a line each where there is no terminal", async () => {
    const { code, stdout, stderr } = await homerun("deploy", "hello", "--source", EXAMPLE, "--entry-point=hello");
    assert.equal(code, 0, stderr);
    for (const stage of ["Upload", "Build", "Service"])
      assert.match(stderr, new RegExp(`^✓ ${stage} +\\d+\\.\\d\\d s$`, "m"));
    assert.match(stdout, /^hello is ACTIVE at http:\/\/hello-\w+-uc\.a\.run\.localhost:\d+$/m);
  });

  test("list, describe and call tell of it, for people and for programs", async () => {
    assert.match(await succeeds("list"), /hello +.*ACTIVE/);
    assert.deepEqual(
      (await json<{ name: string }[]>("list")).map(({ name }) => name.split("/").at(-1)),
      ["hello"],
    );
    const described = JSON.parse(await succeeds("describe", "hello")) as { buildConfig: { runtime: string } };
    assert.equal(described.buildConfig.runtime, "nodejs22");
    assert.equal(await succeeds("call", "hello", "--path=/?name=you"), "Hello you!\n");
    assert.equal(await succeeds("call", "hello", '--data={"name":"me"}'), "Hello me!\n");
    assert.deepEqual(await json("call", "hello"), { status: 200, body: "Hello World!" });
  });

  test("deploy changes what is there, and tells programs the outcome", async () => {
    const flags = ["--source", EXAMPLE, "--entry-point=hello", "--set-env-vars=A=1,B=2", "--memory=512Mi"];
    const changed = await json<{ state: string; serviceConfig: Record<string, unknown> }>("deploy", "hello", ...flags);
    assert.equal(changed.state, "ACTIVE");
    assert.equal(changed.serviceConfig["availableMemory"], "512Mi");
    const variables = changed.serviceConfig["environmentVariables"] as Record<string, string>;
    assert.deepEqual([variables["A"], variables["B"]], ["1", "2"]);
  });

  test("logs prints requests and output", async () => {
    const lines = await until(async () => {
      const text = await succeeds("logs", "hello");
      return /GET 200/.test(text) && text;
    });
    assert.match(lines, /^\d{4}-\d\d-\d\dT[\d:.]+Z INFO +(GET|POST) 200 /m);
  });

  test("key writes a key that only its owner can read", async () => {
    const file = join(dataDir, "key.json");
    assert.match(await succeeds("key", file), /wrote a key of developer@homerun-local/);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal((JSON.parse(await readFile(file, "utf8")) as { type: string }).type, "service_account");
  });

  test("a failed deployment ends with the reason and code 1", async () => {
    const { code, stderr } = await homerun("deploy", "hello", "--source", EXAMPLE, "--entry-point=absent");
    assert.equal(code, 1);
    assert.match(stderr, /^homerun: .*Container Healthcheck failed/m);
    assert.doesNotMatch(stderr, /^ +at /m);
  });

  test("delete deletes, and what is not there is said to be", async () => {
    assert.match(await succeeds("delete", "hello"), /deleted hello/);
    assert.deepEqual(await json("list"), []);
    const { code, stderr } = await homerun("describe", "hello");
    assert.equal(code, 1);
    assert.match(stderr, /^homerun: there is no function hello in projects\/homerun-local\/locations\/us-central1/);
  });

  test("down stops the server and everything that it started", async () => {
    assert.equal(await succeeds("down"), "homerun is stopped\n");
    assert.deepEqual(leftoversOf(dataDir), []);
    assert.match(await succeeds("down"), /no server is running/);
  });
});
