import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { deploy, LOCATION } from "../support/real-functions.ts";
import { type RealServer, startRealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { readableByDefaultAccount } from "../support/secret-access.ts";
import { warmDataFolder } from "../support/warm-data.ts";

const SERVICES = `/run/v2/${LOCATION}/services`;
const JOBS = `/run/v2/${LOCATION}/jobs`;
const SECRETS = "/secretmanager/v1/projects/homerun-local/secrets";

/** Answers with what a path asks for. */
const APP = `
const fs = require("node:fs");
const handlers = {
  "/helper": async () => (await fetch("http://localhost:9000/")).text(),
  "/helper-exit": async () => (await fetch("http://localhost:9000/exit")).text(),
  "/key": async () => process.env.KEY,
  "/shared": async () => fs.readFileSync("/shared/helper", "utf8"),
  "/disk": async () => { const { type, blocks, bsize } = fs.statfsSync("/disk"); return type + " " + (blocks * bsize > 9e9); },
  "/health": async () => { if (fs.existsSync("/tmp/sick")) throw new Error("sick"); return "well"; },
  "/sicken": async () => fs.writeFileSync("/tmp/sick", "") ?? "sick",
};
require("node:http").createServer(async (request, response) => {
  try { response.end(await handlers[request.url]()); } catch (error) { response.writeHead(500).end(error.message); }
}).listen(process.env.PORT);
`;

/** Takes a moment to be ready. */
const HELPER = `
const fs = require("node:fs");
fs.writeFileSync("/shared/helper", "written by the helper");
setTimeout(() => require("node:http").createServer((request, response) => {
  if (request.url === "/exit") process.exit(3);
  response.end(request.headers["x-probe"] ?? "helped");
}).listen(9000), 300);
`;

describe("services and jobs of several containers", () => {
  let dataDir: string;
  let server: RealServer;
  let image: string;

  before(async () => {
    dataDir = await warmDataFolder();
    server = await startRealServer({ dataDir });
    await deploy(server, "hello", { code: "exports.hello = (req, res) => res.send('hello');" });
    const { body } = await server.json("GET", `${SERVICES}/hello`);
    image = (body["template"] as { containers: { image: string }[] }).containers[0]!.image;
    await server.json("POST", `${SECRETS}?secretId=key`, { replication: { automatic: {} } });
    await server.json("POST", `${SECRETS}/key:setIamPolicy`, readableByDefaultAccount("homerun-local"));
    const payload = { data: Buffer.from("the key").toString("base64") };
    await server.json("POST", `${SECRETS}/key:addVersion`, { payload });
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  const node = (name: string, script: string, more: Record<string, unknown> = {}) => ({
    name,
    image,
    command: ["node"],
    args: ["-e", script],
    ...more,
  });
  const shared = { name: "shared", mountPath: "/shared" };
  const volumes = [
    { name: "shared", emptyDir: { medium: "MEMORY", sizeLimit: "16Mi" } },
    { name: "disk", emptyDir: { medium: "DISK", sizeLimit: "10Gi" } },
  ];
  const key = { name: "KEY", valueSource: { secretKeyRef: { secret: "key", version: "latest" } } };
  const probe = { httpGet: { path: "/", port: 9000, httpHeaders: [{ name: "x-probe", value: "1" }] } };
  const helper = () => node("helper", HELPER, { volumeMounts: [shared], startupProbe: { ...probe, periodSeconds: 1 } });

  async function create(id: string, template: Record<string, unknown>): Promise<Record<string, unknown>> {
    const { status, body } = await server.json("POST", `${SERVICES}?serviceId=${id}`, {
      template,
      invokerIamDisabled: true,
    });
    assert.equal(status, 200, JSON.stringify(body));
    return until(async () => {
      const service = (await server.json("GET", `${SERVICES}/${id}`)).body;
      return service["reconciling"] !== true && service["terminalCondition"] !== undefined && service;
    });
  }

  async function entries(filter: string): Promise<string[]> {
    const { body } = await server.json("POST", "/logging/v2/entries:list", {
      resourceNames: ["projects/homerun-local"],
      filter,
    });
    const found = (body["entries"] ?? []) as { textPayload?: string }[];
    return found.map(({ textPayload = "" }) => textPayload);
  }

  test("a sidecar is ready first, and shares network, volumes and fate", async () => {
    const app = node("app", APP, {
      ports: [{ containerPort: 8080 }],
      env: [key],
      dependsOn: ["helper"],
      volumeMounts: [shared, { name: "disk", mountPath: "/disk" }],
      livenessProbe: { httpGet: { path: "/health" }, periodSeconds: 1, failureThreshold: 1 },
    });
    const service = await create("pair", { containers: [helper(), app], volumes });
    const url = String(service["uri"]);
    const get = async (path: string) => server.call(url, { path });
    assert.deepEqual(await get("/helper"), { status: 200, body: "helped" }, JSON.stringify(service));
    assert.equal((await get("/shared")).body, "written by the helper");
    assert.equal((await get("/key")).body, "the key");
    // The magic number of ext4.
    assert.equal((await get("/disk")).body, "61267 true");
    assert.equal((await get("/helper-exit")).status, 500);
    const ended = 'labels.container_name="helper" AND textPayload:"called exit"';
    const [said] = await until(async () => {
      const found = await entries(ended);
      return found.length > 0 && found;
    });
    assert.equal(said, 'Container "helper" called exit(3).');
    assert.deepEqual(await get("/helper"), { status: 200, body: "helped" });
    await get("/sicken");
    await until(async () => (await entries('textPayload:"LIVENESS HTTP probe failed 1 time"')).length === 1);
    assert.deepEqual(await get("/health"), { status: 200, body: "well" });
  });

  test("a sidecar that does not start fails the deployment in Google's words", async () => {
    const broken = node("broken", "console.error('no helper today'); process.exit(9)", { startupProbe: probe });
    const app = node("app", APP, { ports: [{ containerPort: 8080 }], dependsOn: ["broken"] });
    const service = await create("broken", { containers: [app, broken] });
    const condition = JSON.stringify(service["terminalCondition"]);
    assert.match(condition, /Container \\"broken\\" called exit\(9\)/);
    assert.match(condition, /no helper today/);
  });

  test("a job ends with its main container, and its sidecar after it", async () => {
    const main = node(
      "main",
      'fetch("http://localhost:9000/").then(async (r) => console.log("got " + await r.text()))',
      {
        dependsOn: ["helper"],
      },
    );
    const template = { template: { containers: [main, helper()], volumes: volumes.slice(0, 1), maxRetries: 0 } };
    const created = await server.json("POST", `${JOBS}?jobId=pair`, { template });
    assert.equal(created.status, 200, JSON.stringify(created.body));
    await until(async () => (await server.json("GET", `${JOBS}/pair`)).body["reconciling"] !== true);
    const { body } = await server.json("POST", `${JOBS}/pair:run`, {});
    const name = (body["metadata"] as { name: string }).name;
    const execution = await until(async () => {
      const current = (await server.json("GET", `/run/v2/${name}`)).body;
      return current["completionTime"] !== undefined && current;
    });
    assert.equal(execution["succeededCount"], 1, JSON.stringify(execution));
    assert.deepEqual(await entries('textPayload="got helped"'), ["got helped"]);
  });

  test("a killed server's volumes are unmounted by its successor", async () => {
    const mounts = async () =>
      (await readFile("/proc/self/mountinfo", "utf8")).split("\n").filter((line) => line.includes(dataDir));
    assert.ok((await mounts()).some((line) => line.includes(" ext4 ")));
    await server.kill();
    server = await startRealServer({ dataDir });
    assert.deepEqual(
      (await mounts()).filter((line) => / (ext4|tmpfs) /.test(line) && line.includes("/mounts/")),
      [],
    );
  });
});
