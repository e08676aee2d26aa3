import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { hostileZip, zipOf } from "../support/archives.ts";
import {
  answering,
  deploy,
  type Deployment,
  functionNow,
  LOCATION,
  type OperationJson,
  operationOf,
  requestDeployment,
} from "../support/real-functions.ts";
import type { RealServer } from "../support/real-server.ts";
import { startWarmServer } from "../support/warm-data.ts";

/** Every one of these is tried as an update of a function that serves, and must leave it serving. */
describe("a deployment that cannot succeed", () => {
  let server: RealServer;
  let url: string;
  let before_: Record<string, unknown>;

  before(async () => {
    server = await startWarmServer();
    url = await deploy(server, "steady", { code: answering("steady") });
    before_ = (await functionNow(server, "steady")).body;
  });
  after(() => server?.[Symbol.asyncDispose]());

  async function update(deployment: Deployment): Promise<OperationJson> {
    return operationOf(server, await requestDeployment(server, "PATCH", "steady", deployment));
  }

  /** Updates, expects an error that matches, and the function serving as before. */
  async function fails(deployment: Deployment, message: RegExp): Promise<void> {
    const { error } = await update(deployment);
    assert.match(error?.message ?? "no error", message);
    await servesAsBefore();
  }

  async function servesAsBefore(): Promise<void> {
    assert.deepEqual(await server.call(url), { status: 200, body: "steady" });
    const { serviceConfig } = (await functionNow(server, "steady")).body;
    assert.deepEqual(serviceConfig, before_["serviceConfig"]);
  }

  /** Expects an answer of 400 that names the field, and nothing changed. */
  async function refused(id: string, deployment: Deployment, field: string, message: RegExp): Promise<void> {
    const { status, body } = await requestDeployment(server, "POST", id, deployment);
    const error = body["error"] as { status: string; message: string; details: Record<string, unknown>[] };
    assert.equal(status, 400, JSON.stringify(body));
    assert.equal(error.status, "INVALID_ARGUMENT");
    assert.match(error.message, message);
    const violations = error.details.flatMap((detail) => (detail["fieldViolations"] ?? []) as { field: string }[]);
    assert.ok(
      violations.some((violation) => violation.field === field),
      JSON.stringify(violations),
    );
    assert.equal((await functionNow(server, id)).status, 404);
  }

  test("is refused at once for an unknown runtime", () =>
    refused("other", { runtime: "nodejs4" }, "function.build_config.runtime", /nodejs4/));

  test("is refused at once for a bad name", () => refused("9-lives", {}, "function_id", /9-lives/));

  test("is refused at once for a bad label", () =>
    refused("other", { labels: { "Not A Key": "x" } }, "function.labels", /Not A Key/));

  test("is refused by name for a field that is not supported", () =>
    refused(
      "other",
      { serviceConfig: { binaryAuthorizationPolicy: "p" } },
      "function.service_config.binary_authorization_policy",
      /binary_authorization_policy/,
    ));

  test("fails for an entry point that is not exported, with the container's own words", () =>
    fails(
      { code: answering("x"), entryPoint: "absent" },
      /Container Healthcheck failed[\s\S]*'absent' is not defined/,
    ));

  test("fails for a syntax error, with the line", () =>
    fails({ code: "exports.hello = (req, res) => {{{;\n" }, /SyntaxError/));

  test("fails for code that exits", () =>
    fails({ code: 'console.log("no reason to live"); process.exit(3);\n' }, /no reason to live/));

  test("fails for a dependency that does not exist, with the build's own words", () =>
    fails({ dependencies: '"@homerun-scenarios/absent": "1.0.0"' }, /Build failed[\s\S]*@homerun-scenarios\/absent/));

  test("fails for an archive with paths that lead out of it", async () => {
    const name = "homerun-scenario-escaped";
    await fails({ archive: await hostileZip(`../${name}`) }, /illegal file path/);
    await fails({ archive: await hostileZip(`a/../../${name}`) }, /illegal file path/);
    await fails({ archive: await hostileZip(`/tmp/${name}`) }, /illegal file path/);
    assert.ok(!existsSync(`/tmp/${name}`));
  });

  test("fails for an archive with a symbolic link", async () =>
    fails({ archive: await hostileZip("index.js", "/etc/passwd", 0o120777) }, /neither a file nor a directory/));

  test("fails for a zip bomb", async () =>
    fails(
      { archive: await zipOf({ "index.js": answering("x"), bomb: Buffer.alloc(128 * 1024 * 1024) }) },
      /unpacks to more/,
    ));

  test("fails for what is no zip file", () => fails({ archive: Buffer.from("no zip at all") }, /not a valid zip file/));

  test("fails for a source that is not there", async () => {
    const source = { storageSource: { bucket: "homerun-scenarios-absent", object: "a.zip" } };
    const path = `/cloudfunctions/v2/${LOCATION}/functions/steady?updateMask=buildConfig.source`;
    const { status, body } = await server.json("PATCH", path, { buildConfig: { source } });
    assert.equal(status, 400, JSON.stringify(body));
    assert.match(JSON.stringify(body), /homerun-scenarios-absent/);
    await servesAsBefore();
  });

  test("is refused while another one is under way", async () => {
    const first = await requestDeployment(server, "PATCH", "steady", { code: answering("steady") });
    const second = await requestDeployment(server, "PATCH", "steady", { code: answering("second") });
    assert.equal(second.status, 409, JSON.stringify(second.body));
    const error = second.body["error"] as { status: string; message: string };
    assert.deepEqual([error.status, error.message], ["ABORTED", "unable to queue the operation"]);
    assert.equal((await operationOf(server, first)).error, undefined);
    assert.deepEqual(await server.call(url), { status: 200, body: "steady" });
  });

  test("of a service is refused for a stale etag", async () => {
    const path = `/run/v2/${LOCATION}/services/steady`;
    const { body } = await server.json("GET", path);
    const renewed = await server.json("PATCH", path, { ...body, labels: { changed: "once" } });
    assert.equal(renewed.status, 200, JSON.stringify(renewed.body));
    const stale = await server.json("PATCH", path, { ...body, labels: { changed: "twice" } });
    assert.equal(stale.status, 409, JSON.stringify(stale.body));
    assert.equal((stale.body["error"] as { status: string }).status, "ABORTED");
    const { labels } = (await server.json("GET", path)).body;
    assert.equal((labels as Record<string, string>)["changed"], "once");
  });

  test("of a service fails when its container never listens, and the last revision keeps serving", async () => {
    const path = `/run/v2/${LOCATION}/services/steady`;
    const { body } = await server.json("GET", path);
    const template = body["template"] as { containers: Record<string, unknown>[] };
    const [container] = template.containers;
    const startupProbe = { tcpSocket: { port: 8080 }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 3 };
    const silent = { ...container, command: ["sleep"], args: ["600"], startupProbe };
    const changed = { ...template, revision: "", containers: [silent] };
    const { body: operation } = await server.json("PATCH", `${path}?updateMask=template`, {
      ...body,
      template: changed,
    });
    const waited = await server.json("POST", `/run/v2/${String(operation["name"])}:wait`, { timeout: "60s" });
    assert.match(JSON.stringify(waited.body["error"]), /failed the configured startup probe checks/);
    assert.deepEqual(await server.call(url), { status: 200, body: "steady" });
  });
});
