import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { commandOf, leftoversOf } from "../support/leftovers.ts";
import { answering, deploy, LOCATION } from "../support/real-functions.ts";
import { type RealServer, startRealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { warmDataFolder } from "../support/warm-data.ts";

type Json = Record<string, unknown>;

const SERVICES = `/run/v2/${LOCATION}/services`;
const LOG_MIB = 512;
/** Between calls of the other service, so that they do not take the processor for themselves. */
const PACE_MS = 20;
/** A fraction of what is logged. */
const MOST_MORE_MIB = 200;
/** What clients of the metadata server may have open at once. */
const MOST_SOCKETS = 256;

/** Does what the path says, none of it well. */
const APP = `
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const net = require("node:net");
const born = Date.now() + "-" + Math.random();
const fill = (path) => {
  const chunk = Buffer.alloc(1024 * 1024, 1);
  const file = fs.openSync(path, "w");
  try { for (let n = 0; ; n++) fs.writeSync(file, chunk); } catch (error) { return error.code; } finally { fs.closeSync(file); fs.rmSync(path); }
};
const handlers = {
  "/": (request, response) => response.end(born),
  "/die": () => process.exit(7),
  "/die-late": (request, response) => { response.writeHead(200); response.write("begun", () => setTimeout(() => process.exit(7), 50)); },
  "/crash": () => process.abort(),
  "/drop": (request, response) => (Math.random() < 0.5 ? request.socket.destroy() : response.end(born)),
  "/garbage": (request) => request.socket.end(require("node:crypto").randomBytes(10_000)),
  "/spin": () => { for (;;); },
  "/memory": (request, response) => response.end(fill("/memory/file")),
  "/tmp": (request, response) => response.end(fill("/tmp/file")),
  "/forks": () => spawn("sh", ["-c", "while :; do sleep 98765 & done"], { stdio: "ignore" }),
  "/log": (request, response) => {
    const lines = Buffer.from(("x".repeat(${16 * 1024 - 1}) + "\\n").repeat(64));
    for (let n = 0; n < ${LOG_MIB}; n++) fs.writeSync(1, lines);
    response.end("logged");
  },
  "/sockets": async (request, response) => {
    const sockets = [];
    const open = () => new Promise((resolve) => {
      const socket = net.connect(80, "metadata.google.internal").on("connect", () => setTimeout(() => resolve(!socket.destroyed), 2000)).on("error", () => resolve(false));
      socket.on("end", () => socket.destroy()).on("close", () => resolve(false));
      sockets.push(socket);
    });
    const results = await Promise.all(Array.from({ length: 2000 }, open));
    response.end(String(results.filter(Boolean).length));
    for (const socket of sockets) socket.destroy();
  },
};
require("node:http").createServer((request, response) => handlers[request.url](request, response)).listen(process.env.PORT);
process.on("SIGTERM", () => {});
`;
/** Listens, and ends. */
const SHORT_LIVED = `require("node:http").createServer().listen(process.env.PORT, () => setTimeout(() => process.exit(3), 100));`;

/** One service does all this while another one is called. */
describe("a container that misbehaves", () => {
  let dataDir: string;
  let server: RealServer;
  let steady: string;
  let faulty: string;
  let image: string;

  before(async () => {
    dataDir = await warmDataFolder();
    server = await startRealServer({ dataDir });
    steady = await deploy(server, "steady", { code: answering("steady") });
    const { body } = await server.json("GET", `${SERVICES}/steady`);
    image = (body["template"] as { containers: { image: string }[] }).containers[0]!.image;
    await create("short", SHORT_LIVED, {}, { scaling: { minInstanceCount: 1 } });
    faulty = await create("faulty", APP);
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function create(id: string, script: string, own: Json = {}, more: Json = {}): Promise<string> {
    const container = {
      image,
      command: ["node"],
      args: ["-e", script],
      volumeMounts: [{ name: "memory", mountPath: "/memory" }],
      resources: { limits: { memory: "512Mi", cpu: "1" } },
    };
    const volumes = [{ name: "memory", emptyDir: { medium: "MEMORY", sizeLimit: "16Mi" } }];
    const template = { containers: [{ ...container, ...own }], volumes, timeout: "60s", ...more };
    const answer = await server.json("POST", `${SERVICES}?serviceId=${id}`, { template, invokerIamDisabled: true });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { body } = await server.json("POST", `/run/v2/${String(answer.body["name"])}:wait`, { timeout: "60s" });
    assert.equal(body["error"], undefined, JSON.stringify(body));
    return String((await server.json("GET", `${SERVICES}/${id}`)).body["uri"]);
  }

  const get = (path: string, url = faulty) => server.call(url, { path });

  /** The other service answers, and so does this one again, in a new instance if the old one has ended. */
  async function served(): Promise<string> {
    assert.deepEqual(await server.call(steady), { status: 200, body: "steady" });
    const { status, body } = await get("/");
    assert.equal(status, 200, body);
    return body;
  }

  /** Waits for an answer, while the other service gives its own ones. */
  async function meanwhile<Answer>(answer: Promise<Answer>, look: () => void): Promise<Answer> {
    const waiting = Symbol("waiting");
    for (;;) {
      const first = await Promise.race([answer, delay(PACE_MS, waiting)]);
      if (first !== waiting) return first;
      assert.equal((await server.call(steady)).status, 200);
      look();
    }
  }

  async function systemLog(service: string, text: string): Promise<string[]> {
    const { body } = await server.json("POST", "/logging/v2/entries:list", {
      resourceNames: ["projects/homerun-local"],
      filter: `logName:"system" AND resource.labels.service_name="${service}" AND textPayload:"${text}"`,
    });
    return ((body["entries"] ?? []) as { textPayload: string }[]).map(({ textPayload }) => textPayload);
  }

  test("by ending while it has a request is replaced, and the request answered with 503", async () => {
    for (const path of ["/die", "/crash"]) {
      const born = await served();
      assert.equal((await get(path)).status, 503);
      assert.notEqual(await served(), born);
    }
    await until(async () => (await systemLog("faulty", "Container called exit(7).")).length > 0);
    await assert.rejects(get("/die-late"));
    await served();
  });

  test("by closing connections and answering nonsense harms no other request", async () => {
    const born = await served();
    assert.equal((await get("/garbage")).status, 503);
    const answers = await Promise.all(Array.from({ length: 60 }, () => get("/drop")));
    assert.ok(answers.some(({ status }) => status === 503));
    assert.ok(answers.every(({ status, body }) => status === 503 || (status === 200 && body === born)));
    assert.equal(await served(), born);
  });

  test("by filling a volume is told so, and by filling its memory is replaced", async () => {
    const born = await served();
    assert.deepEqual(await get("/memory"), { status: 200, body: "ENOSPC" });
    assert.equal(await served(), born);
    assert.ok([500, 503].includes((await get("/tmp")).status));
    assert.notEqual(await served(), born);
    await until(async () => (await systemLog("faulty", "Memory limit of 512 MiB exceeded")).length > 0);
  });

  test("by forking without end is ended by one of its limits, with all it has started", async () => {
    const { status } = await meanwhile(get("/forks"), () => {});
    assert.ok([500, 503].includes(status));
    await until(async () => (await get("/")).status === 200);
    await until(async () => !commands().includes("sleep 98765 "));
  });

  test("by opening thousands of connections gets its share of them", async () => {
    const sockets = get("/sockets");
    assert.equal((await server.call(steady)).status, 200);
    const { status, body } = await sockets;
    assert.equal(status, 200, body);
    assert.ok(Number(body) > 0 && Number(body) <= MOST_SOCKETS, body);
    await served();
  });

  test("by logging without end takes neither the server's memory nor the others' time", async () => {
    const before = memoryOf(server.pid);
    let most = before;
    const logged = await meanwhile(get("/log"), () => (most = Math.max(most, memoryOf(server.pid))));
    assert.deepEqual(logged, { status: 200, body: "logged" });
    assert.ok(most - before < MOST_MORE_MIB, `${before} MiB became ${most} MiB`);
  });

  test("by hanging is ended by its liveness probe", async () => {
    const livenessProbe = { httpGet: { path: "/" }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 2 };
    const url = await create("hanging", APP, { livenessProbe });
    assert.equal((await get("/spin", url)).status, 503);
    assert.equal((await get("/", url)).status, 200);
    await until(async () => (await systemLog("hanging", "LIVENESS HTTP probe failed 2 times")).length > 0);
  });

  test("by ending again and again is started more and more rarely", async () => {
    const starts = await systemLog("short", "Starting new instance");
    assert.ok(starts.length > 1 && starts.length < 20, String(starts.length));
  });

  // The last test: it ends the server.
  test("by ignoring SIGTERM is killed after its 10 s, and leaves nothing behind", async () => {
    await served();
    const start = performance.now();
    await server.stop();
    assert.ok(performance.now() - start >= 9_000);
    assert.deepEqual(leftoversOf(dataDir), []);
  });
});

/** Of all processes, also in containers. */
function commands(): string[] {
  return readdirSync("/proc").map((pid) => (/^\d+$/.test(pid) ? commandOf(Number(pid)) : ""));
}

function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
}
