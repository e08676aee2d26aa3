import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { leftoversOf, processesOf } from "../support/leftovers.ts";
import { deploy, LOCATION } from "../support/real-functions.ts";
import { type RealServer, startRealServer } from "../support/real-server.ts";
import { runningInstances, waitingStems } from "../support/running-sandboxes.ts";
import { until } from "../support/until.ts";
import { warmDataFolder } from "../support/warm-data.ts";

type Json = Record<string, unknown>;

const RUN = `/run/v2/${LOCATION}`;
const FLAGS = ["--stem-memory", "128Mi"];
const CALLERS = 8;
/** Writes a file where the path says, in a bucket, on a disk or in memory, and answers once it is closed. */
const CODE = `
const { promises: fs } = require("node:fs");
exports.hello = async (req, res) => {
  try {
    if (req.path !== "/") await fs.writeFile("/mnt" + req.path, "kept");
    res.send(process.env.VERSION ?? "function");
  } catch (error) { res.status(500).send(error.message); }
};
`;
/** Ends when it is tried again. */
const JOB = 'if (process.env.CLOUD_RUN_TASK_ATTEMPT === "0") setInterval(() => {}, 1000);';
const VOLUMES = [
  { name: "files", gcs: { bucket: "kept-files" } },
  { name: "disk", emptyDir: { medium: "DISK", sizeLimit: "10Gi" } },
  { name: "memory", emptyDir: { medium: "MEMORY", sizeLimit: "16Mi" } },
];

/** One server after the other on one data folder, each of which is killed while it does everything at once. */
describe("a server that is killed under load", () => {
  let dataDir: string;
  let server: RealServer;
  let image: string;
  let functionUrl: string;
  let serviceUrl: string;
  /** Names of objects that were written with success: by the API, or through a mounted bucket. */
  const kept = new Set<string>();

  before(async () => {
    dataDir = await warmDataFolder();
    server = await startRealServer({ dataDir, flags: FLAGS });
    functionUrl = await deploy(server, "hello", { code: CODE });
    image = ((await call("GET", `${RUN}/services/hello`))["template"] as Template).containers[0]!.image;
    await call("POST", "/storage/v1/b?project=homerun-local", { name: "kept-files" });
    await call("POST", `${RUN}/services?serviceId=writer`, service("1"));
    serviceUrl = String((await settled("writer"))["uri"]);
    const containers = [{ image, command: ["node"], args: ["-e", JOB] }];
    await call("POST", `${RUN}/jobs?jobId=patient`, { template: { template: { containers, maxRetries: 3 } } });
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function call(method: string, path: string, body?: object): Promise<Json> {
    const answer = await server.json(method, path, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  }

  const service = (version: string) => ({
    invokerIamDisabled: true,
    template: {
      scaling: { minInstanceCount: 1 },
      containers: [
        {
          image,
          env: [{ name: "VERSION", value: version }],
          volumeMounts: VOLUMES.map(({ name }) => ({ name, mountPath: `/mnt/${name}` })),
        },
      ],
      volumes: VOLUMES,
    },
  });

  function settled(id: string): Promise<Json> {
    return until(async () => {
      const current = (await server.json("GET", `${RUN}/services/${id}`)).body;
      return current["reconciling"] !== true && current["terminalCondition"] !== undefined && current;
    });
  }

  /** Calls and writes until the server is gone; what it has said to have written has to be there later. */
  async function load(round: string): Promise<void> {
    const one = async (caller: number) => {
      for (let turn = 0; ; turn++) {
        const name = `${round}-${caller}-${turn}`;
        const path = ["/files/", "/disk/", "/memory/"][turn % 3]! + name;
        const written = await server.call(serviceUrl, { path });
        if (path.startsWith("/files/") && written.status === 200) kept.add(name);
        const upload = `${server.url}/upload/storage/v1/b/kept-files/o?uploadType=media&name=api-${name}`;
        const answer = await fetch(upload, { method: "POST", body: "kept" });
        await answer.text();
        if (answer.ok) kept.add(`api-${name}`);
        await server.call(functionUrl);
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, (_, caller) => one(caller).catch(() => undefined)));
  }

  /** Everything that runs for the server, by process id and time of start. */
  function everything(): string[] {
    return processesOf(dataDir).map((pid) => `${pid} ${startTimeOf(pid)}`);
  }

  /** A rollout, an execution, requests and writes under way; then SIGKILL. */
  async function killUnderLoad(round: string, isMoment: () => boolean) {
    const running = await call("POST", `${RUN}/jobs/patient:run`, {});
    const execution = (running["metadata"] as { name: string }).name;
    await until(async () => (await call("GET", `/run/v2/${execution}`))["runningCount"] === 1);
    const before = kept.size;
    const loaded = load(round);
    await until(async () => kept.size >= before + 10);
    const rollout = String((await call("PATCH", `${RUN}/services/writer`, service(round)))["name"]);
    await until(async () => isMoment());
    const processes = everything();
    await server.kill();
    await loaded;
    return { execution, rollout, processes };
  }

  for (const [round, moment] of [
    ["2", () => true],
    ["3", () => runningInstances(dataDir).length > 3],
  ] as const) {
    test(`brings everything to its end in the next process, round ${round}`, async () => {
      await until(async () => waitingStems(dataDir).length > 0);
      assert.ok(leftoversOf(dataDir).some((each) => each.includes("fuse")));
      const { execution, rollout, processes } = await killUnderLoad(round, moment);
      assert.ok(processes.length > 5);
      await until(async () => !everything().some((each) => processes.includes(each)));
      await server[Symbol.asyncDispose]();
      server = await startRealServer({ dataDir, flags: FLAGS });

      assert.deepEqual(await server.call(functionUrl), { status: 200, body: "function" });
      assert.match((await server.call(serviceUrl)).body, /^[123]$/);
      const { body } = await server.json("POST", `/run/v2/${rollout}:wait`, { timeout: "60s" });
      assert.equal(body["error"], undefined, JSON.stringify(body));
      assert.deepEqual(await server.call(serviceUrl), { status: 200, body: round });
      const ended = await until(async () => {
        const current = await call("GET", `/run/v2/${execution}`);
        return current["completionTime"] !== undefined && current;
      });
      assert.equal(ended["succeededCount"], 1, JSON.stringify(ended));
      assert.deepEqual(await lost(), []);
    });
  }

  /** Which of the written objects are not there, or not whole. */
  async function lost(): Promise<string[]> {
    const bad: string[] = [];
    for (const name of kept) {
      const answer = await fetch(`${server.url}/storage/v1/b/kept-files/o/${name}?alt=media`);
      if (!answer.ok || (await answer.text()) !== "kept") bad.push(name);
    }
    return bad;
  }

  // The last test: it ends the server.
  test("while it starts, too, leaves nothing behind once the next one has stopped", async () => {
    await server.kill();
    const early = startRealServer({ dataDir, flags: FLAGS });
    await until(async () => runningInstances(dataDir).length > 0);
    server = await early;
    await server.kill();
    await server[Symbol.asyncDispose]();
    server = await startRealServer({ dataDir, flags: FLAGS });
    await until(async () => (await server.call(serviceUrl)).status === 200);
    await server.stop();
    assert.deepEqual(leftoversOf(dataDir), []);
  });
});

interface Template {
  readonly containers: readonly { readonly image: string }[];
}

/** In ticks since the host's start: it tells a process from a later one of the same number (proc_pid_stat(5)). */
function startTimeOf(pid: number): string {
  const path = `/proc/${pid}/stat`;
  const stat = existsSync(path) ? readFileSync(path, "utf8") : "";
  return stat.slice(stat.lastIndexOf(")")).split(" ")[20] ?? "";
}
