import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { deploy, LOCATION } from "../support/real-functions.ts";
import { type RealServer, startRealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { readableByDefaultAccount } from "../support/secret-access.ts";
import { warmDataFolder } from "../support/warm-data.ts";

/** Does with the file of the query what the path says. */
const CODE = `
const { promises: fs, writeFileSync } = require("node:fs");
process.prependOnceListener("SIGTERM", () => {
  if (process.env.LAST_WORDS) writeFileSync(process.env.LAST_WORDS, "stopped in order");
});
exports.hello = async (req, res) => {
  const { file, text } = req.query;
  try {
    if (req.path === "/write") await fs.writeFile(file, text);
    if (req.path === "/user") return res.send(process.getuid() + " " + (await fs.stat(file)).uid);
    res.send(await fs.readFile(file, "utf8"));
  } catch (error) {
    res.status(500).send(error.code);
  }
};
`;
const SERVICES = `/run/v2/${LOCATION}/services`;
const JOBS = `/run/v2/${LOCATION}/jobs`;
const SECRETS = "/secretmanager/v1/projects/homerun-local/secrets";

describe("volumes of a service", () => {
  let dataDir: string;
  let server: RealServer;
  let image: string;
  let url: string;

  before(async () => {
    dataDir = await warmDataFolder();
    server = await startRealServer({ dataDir });
    await deploy(server, "hello", { code: CODE });
    const { body } = await server.json("GET", `${SERVICES}/hello`);
    image = (body["template"] as { containers: { image: string }[] }).containers[0]!.image;
    await server.json("POST", "/storage/v1/b?project=homerun-local", { name: "volume-files" });
    await server.json("POST", `${SECRETS}?secretId=key`, { replication: { automatic: {} } });
    await server.json("POST", `${SECRETS}/key:setIamPolicy`, readableByDefaultAccount("homerun-local"));
    await addVersion("first");
    const service = await create("stateful", [
      { name: "keys", secret: { secret: "key", items: [{ path: "api/key", version: "latest" }] } },
      {
        name: "files",
        gcs: { bucket: "volume-files", mountOptions: ["only-dir=data", "file-mode=666", "dir-mode=777"] },
      },
    ]);
    url = String(service["uri"]);
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function addVersion(value: string): Promise<void> {
    const data = Buffer.from(value).toString("base64");
    assert.equal((await server.json("POST", `${SECRETS}/key:addVersion`, { payload: { data } })).status, 200);
  }

  async function create(id: string, volumes: readonly Record<string, unknown>[]): Promise<Record<string, unknown>> {
    const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/mnt/${String(name)}` }));
    const env = [{ name: "LAST_WORDS", value: "/mnt/files/last-words" }];
    const template = { containers: [{ image, volumeMounts, env }], volumes };
    const asked = { template, invokerIamDisabled: true };
    const { status, body } = await server.json("POST", `${SERVICES}?serviceId=${id}`, asked);
    assert.equal(status, 200, JSON.stringify(body));
    return until(async () => {
      const service = (await server.json("GET", `${SERVICES}/${id}`)).body;
      return service["reconciling"] !== true && service["terminalCondition"] !== undefined && service;
    });
  }

  const ask = (path: string, file: string, text = "") =>
    server.call(url, { path: `${path}?file=${encodeURIComponent(file)}&text=${encodeURIComponent(text)}` });
  const object = (name: string) =>
    fetch(`${server.url}/storage/v1/b/volume-files/o/${encodeURIComponent(name)}?alt=media`);

  test("a secret is a file that follows its latest version", async () => {
    assert.deepEqual(await ask("/read", "/mnt/keys/api/key"), { status: 200, body: "first" });
    await addVersion("second");
    assert.equal((await ask("/read", "/mnt/keys/api/key")).body, "second");
    assert.equal((await ask("/write", "/mnt/keys/api/key", "x")).body, "EROFS");
    await server.json("POST", `${SECRETS}/key/versions/2:disable`, {});
    assert.equal((await ask("/read", "/mnt/keys/api/key")).body, "EIO");
    await server.json("POST", `${SECRETS}/key/versions/2:enable`, {});
    assert.equal((await ask("/read", "/mnt/keys/api/key")).body, "second");
  });

  test("a bucket takes files from instances and gives them to them", async () => {
    assert.equal((await ask("/write", "/mnt/files/note.txt", "from an instance")).body, "from an instance");
    assert.equal(await (await object("data/note.txt")).text(), "from an instance");
    const upload = `${server.url}/upload/storage/v1/b/volume-files/o?uploadType=media&name=data/given`;
    await fetch(upload, { method: "POST", body: "from outside" });
    assert.equal((await ask("/read", "/mnt/files/given")).body, "from outside");
    assert.match((await ask("/user", "/mnt/files/given")).body, /^\d+ 0$/);
  });

  test("a task of a job writes into a bucket", async () => {
    const gcs = { bucket: "volume-files", mountOptions: ["only-dir=jobs", "dir-mode=777"] };
    const script = "require('node:fs').writeFileSync('/mnt/files/' + process.env.CLOUD_RUN_EXECUTION, 'done')";
    const volumeMounts = [{ name: "files", mountPath: "/mnt/files" }];
    const containers = [{ image, command: ["node"], args: ["-e", script], volumeMounts }];
    const template = { template: { containers, volumes: [{ name: "files", gcs }], maxRetries: 0 } };
    assert.equal((await server.json("POST", `${JOBS}?jobId=writer`, { template })).status, 200);
    const started = await until(async () => {
      const { status, body } = await server.json("POST", `${JOBS}/writer:run`, {});
      return status === 200 && body;
    });
    const execution = (started["metadata"] as { name: string }).name;
    await until(async () => "completionTime" in (await server.json("GET", `/run/v2/${execution}`)).body);
    assert.equal(await (await object(`jobs/${execution.split("/").at(-1)}`)).text(), "done");
  });

  test("what cannot be mounted is said when it is deployed", async () => {
    const gcs = { bucket: "volume-files", mountOptions: ["key-file=x"] };
    const template = { containers: [{ image }], volumes: [{ name: "v", gcs }] };
    const refused = await server.json("POST", `${SERVICES}?serviceId=refused`, { template });
    assert.equal(refused.status, 400);
    assert.match(JSON.stringify(refused.body), /The mount option key-file is not supported by homerun/);
    const absent = await create("absent", [{ name: "v", gcs: { bucket: "no-such-bucket-here" } }]);
    assert.match(
      JSON.stringify(absent["terminalCondition"]),
      /no-such-bucket-here failed: The specified bucket does not/,
    );
  });

  test("a stopping server takes what its instances write last", async () => {
    await ask("/read", "/mnt/keys/api/key");
    await server.stop();
    assert.doesNotMatch(await readFile("/proc/self/mountinfo", "utf8"), new RegExp(dataDir));
    server = await startRealServer({ dataDir });
    assert.equal(await (await object("data/last-words")).text(), "stopped in order");
  });

  test("a killed server leaves no mount, and its successor mounts again", async () => {
    await ask("/write", "/mnt/files/kept", "kept");
    await server.kill();
    await until(async () => !(await readFile("/proc/self/mountinfo", "utf8")).includes("fuse.gcsfuse volume-files"));
    server = await startRealServer({ dataDir });
    assert.equal((await ask("/read", "/mnt/files/kept")).body, "kept");
    assert.equal((await ask("/read", "/mnt/keys/api/key")).body, "second");
  });
});
