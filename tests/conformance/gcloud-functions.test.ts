import assert from "node:assert/strict";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Gcloud, gcloudIsHere, openGcloud } from "../support/gcloud.ts";
import type { RealServer } from "../support/real-server.ts";
import { defaultAccountOf } from "../support/secret-access.ts";
import { until } from "../support/until.ts";
import { startWarmServer } from "../support/warm-data.ts";

const EXAMPLE = join(import.meta.dirname, "..", "..", "examples", "hello-http");
const URL = "https://us-central1-homerun-local.cloudfunctions.net/hello";
const DEPLOY = ["functions", "deploy", "hello", "--gen2", "--region=us-central1"];
const CALL_PRIVATE = ["functions", "call", "private", "--gen2", "--region=us-central1", "--data={}"];
const NEW = [...DEPLOY, "--runtime=nodejs22", "--entry-point=hello", "--trigger-http", "--allow-unauthenticated"];

if (gcloudIsHere()) describe("gcloud functions, through the proxy", functionsSuite);
else console.warn("NOT RUN: gcloud functions; gcloud is not on the PATH");

function functionsSuite(): void {
  let server: RealServer;
  let gcloud: Gcloud;
  let source: string;

  before(async () => {
    server = await startWarmServer();
    gcloud = await openGcloud(server);
    source = join(gcloud.folder, "hello");
    await cp(EXAMPLE, source, { recursive: true });
  });
  after(async () => {
    await gcloud?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });
  const curl = (...args: string[]) => gcloud.exec("curl", "-sS", ...args);
  const answerWith = (text: string) =>
    writeFile(
      join(source, "index.js"),
      `const functions = require("@google-cloud/functions-framework");
       functions.http("hello", (req, res) => { console.log("asked"); res.send(${JSON.stringify(text)}); });\n`,
    );

  test("deploys a function from source, and its URL answers", async () => {
    await answerWith("first");
    const { stdout, stderr } = await gcloud.run(...NEW, `--source=${source}`);
    assert.match(stderr, /\[Build\].*done/s);
    assert.match(stderr, /\[Service\].*done/s);
    assert.match(stdout, /^state: ACTIVE$/m);
    assert.ok(stdout.includes(`url: ${URL}\n`));
    assert.equal(await curl(URL), "first");
    const [, uri] = /^ {2}uri: (\S+)$/m.exec(stdout)!;
    assert.equal(await curl(uri!), "first");
  });

  test("lists and describes it", async () => {
    const { stdout } = await gcloud.run("functions", "list");
    assert.match(stdout, /^hello +ACTIVE +HTTP Trigger +us-central1 +2nd gen$/m);
    const described = await gcloud.run("functions", "describe", "hello", "--gen2", "--region=us-central1");
    assert.match(described.stdout, /^name: projects\/homerun-local\/locations\/us-central1\/functions\/hello$/m);
    assert.match(described.stdout, /^ {2}runtime: nodejs22$/m);
  });

  test("lists runtimes and regions", async () => {
    const runtimes = await gcloud.run("functions", "runtimes", "list", "--region=us-central1");
    for (const name of ["nodejs20", "nodejs22", "nodejs24", "python311", "python313"])
      assert.match(runtimes.stdout, new RegExp(`^${name} `, "m"));
    const regions = await gcloud.run("functions", "regions", "list");
    assert.match(regions.stdout, /projects\/homerun-local\/locations\/us-central1$/m);
  });

  test("deploys changed code while requests run, and none of them fails", async () => {
    await answerWith("second");
    const asked = { answers: new Map<string, number>(), stop: false };
    const asking = keepAsking(server, asked);
    await gcloud.run(...DEPLOY, `--source=${source}`);
    assert.equal(await curl(URL), "second");
    asked.stop = true;
    await asking;
    assert.deepEqual([...asked.answers.keys()], ["200 first", "200 second"]);
  });

  test("reads its log", async () => {
    const lines = await until(async () => {
      const { stdout } = await gcloud.run("functions", "logs", "read", "hello", "--gen2", "--region=us-central1");
      return stdout.includes("asked") && stdout;
    });
    assert.match(lines, /^LEVEL +NAME +(EXECUTION_ID +)?TIME_UTC +LOG$/m);
  });

  test("calls a private function as an owner, and as a visitor only once invited", async () => {
    await answerWith("in private");
    const flags = ["--runtime=nodejs22", "--entry-point=hello", "--trigger-http", "--no-allow-unauthenticated"];
    await gcloud.run(
      "functions",
      "deploy",
      "private",
      "--gen2",
      "--region=us-central1",
      ...flags,
      `--source=${source}`,
    );
    const url = URL.replace(/hello$/, "private");
    assert.equal(await curl("-o", "/dev/null", "-w", "%{http_code}", url), "403");

    await using owner = await withKey("owner.json", (file) => server.homerun("key", file));
    assert.match((await owner.run(...CALL_PRIVATE)).stdout, /in private/);

    const email = "visitor@homerun-local.iam.gserviceaccount.com";
    await owner.run("iam", "service-accounts", "create", "visitor");
    const makeKey = (file: string) =>
      owner.run("iam", "service-accounts", "keys", "create", file, "--iam-account", email);
    await using visitor = await withKey("visitor.json", makeKey);
    const viewer = ["--role=roles/cloudfunctions.viewer", `--member=serviceAccount:${email}`];
    assert.match(await visitor.fail(...CALL_PRIVATE), /cloudfunctions\.functions\.get' denied/);
    await owner.run("projects", "add-iam-policy-binding", "homerun-local", ...viewer);
    assert.match(await visitor.fail(...CALL_PRIVATE), /403/);
    const binding = ["add-invoker-policy-binding", "private", "--region=us-central1"];
    await owner.run("functions", ...binding, `--member=serviceAccount:${email}`);
    assert.match((await visitor.run(...CALL_PRIVATE)).stdout, /in private/);
  });

  /** gcloud with an activated service account. */
  async function withKey(name: string, makeKey: (file: string) => Promise<unknown>): Promise<Gcloud> {
    const file = join(gcloud.folder, name);
    await makeKey(file);
    const account = await openGcloud(server, { changes: { CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "false" } });
    const { stderr } = await account.run("auth", "activate-service-account", `--key-file=${file}`);
    assert.match(stderr, /Activated service account credentials for: \[\w+@homerun-local/);
    return account;
  }

  test("says what is wrong with an entry point that is not there, and the function keeps serving", async () => {
    const message = await gcloud.fail(...DEPLOY, "--entry-point=absent", `--source=${source}`);
    assert.match(message, /OperationError: code=\d+, message=.*absent/s);
    assert.equal(await curl(URL), "second");
  });

  test("refuses a runtime that there is not", async () => {
    const bare = join(gcloud.folder, "bare");
    await mkdir(bare);
    await writeFile(join(bare, "package.json"), "{}");
    const flags = ["--region=us-central1", "--runtime=nodejs4", "--entry-point=hello", "--trigger-http"];
    const message = await gcloud.fail("functions", "deploy", "other", "--gen2", ...flags, `--source=${bare}`);
    assert.match(message, /nodejs4 is not a supported runtime/);
  });

  test("gives a function its secrets, as a variable and as a file", async () => {
    const secret = join(gcloud.folder, "secret.txt");
    await writeFile(secret, "s3cret");
    await gcloud.run("secrets", "create", "token", `--data-file=${secret}`);
    const account = `--member=serviceAccount:${defaultAccountOf("homerun-local")}`;
    await gcloud.run(
      "secrets",
      "add-iam-policy-binding",
      "token",
      account,
      "--role=roles/secretmanager.secretAccessor",
    );
    await writeFile(
      join(source, "index.js"),
      `const { readFileSync } = require("node:fs");
       exports.hello = (req, res) => res.send(process.env.TOKEN + " " + readFileSync("/etc/secrets/token", "utf8"));\n`,
    );
    const secrets = "--set-secrets=TOKEN=token:1,/etc/secrets/token=token:latest";
    await gcloud.run(...NEW.with(2, "leaving"), secrets, `--source=${source}`);
    assert.equal(await curl(URL.replace(/hello$/, "leaving")), "s3cret s3cret");
  });

  test("detaches a function, which Cloud Run goes on serving at the same addresses", async () => {
    const { stderr } = await gcloud.run("functions", "detach", "leaving", "--region=us-central1", "--quiet");
    assert.match(stderr, /Function \S+\/leaving has been detached successfully!/);
    const url = URL.replace(/hello$/, "leaving");
    assert.ok(stderr.includes(`* ${url}\n`), stderr);
    assert.equal(await curl(url), "s3cret s3cret");
    assert.doesNotMatch((await gcloud.run("functions", "list")).stdout, /^leaving /m);
    const services = await gcloud.run("run", "services", "list", "--region=us-central1", "--format=value(name)");
    assert.match(services.stdout, /^leaving$/m);
  });

  test("deletes it", async () => {
    await gcloud.run("functions", "delete", "hello", "--gen2", "--region=us-central1", "--quiet");
    const { stdout } = await gcloud.run("functions", "list");
    assert.doesNotMatch(stdout, /^hello /m);
    assert.equal(await curl("-o", "/dev/null", "-w", "%{http_code}", URL), "404");
    const message = await gcloud.fail("functions", "describe", "hello", "--gen2", "--region=us-central1");
    assert.match(message, /404|not found/i);
  });
}

/** Sends one request after the other until told to stop; notes each kind of answer. */
async function keepAsking(server: RealServer, asked: { answers: Map<string, number>; stop: boolean }): Promise<void> {
  while (!asked.stop) {
    const { status, body } = await server.call(URL).catch((error: Error) => ({ status: 0, body: error.message }));
    const answer = `${status} ${body}`;
    asked.answers.set(answer, (asked.answers.get(answer) ?? 0) + 1);
  }
}
