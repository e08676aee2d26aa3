import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { findProgram } from "../../../oci/find-program.ts";
import { bootRun, IMAGE } from "../testing/boot-run.ts";
import { ANSWERING, PROGRAM } from "../testing/process-serving.ts";

const SERVICE = {
  apiVersion: "serving.knative.dev/v1",
  kind: "Service",
  metadata: { name: "kube", labels: { team: "a" } },
  spec: { template: { spec: { containers: [{ image: IMAGE, env: [{ name: PROGRAM, value: ANSWERING }] }] } } },
};

if (findProgram("kubectl")) test("kubectl creates, reads, watches, replaces and deletes services", kubectl);
else console.warn("NOT RUN: kubectl; it is not on the PATH");

async function kubectl(): Promise<void> {
  await using booted = await bootRun();
  await using folder = await mkdtempDisposable(join(tmpdir(), "homerun-kubectl-"));
  const file = async (name: string, content: object) => {
    await writeFile(join(folder.path, name), JSON.stringify(content));
    return join(folder.path, name);
  };
  const kubeconfig = await file("config", kubeconfigOf(booted.api.url, "demo"));
  const service = await file("service.json", SERVICE);
  const run = promisify(execFile);
  const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: folder.path };
  const kube = async (...args: string[]) => (await run("kubectl", args, { env })).stdout.trimEnd();

  assert.equal(await kube("create", "-f", service), "service.serving.knative.dev/kube created");
  await booted.api.api.wakeups.idle();
  const project = await kube("get", "ksvc", "kube", "-o", "jsonpath={.metadata.namespace}");
  assert.match(await kube("wait", "-n", project, "--for=condition=Ready", "ksvc/kube"), /kube condition met/);
  assert.match(
    await kube("get", "ksvc"),
    /^NAME +URL +LATESTCREATED +LATESTREADY +READY +REASON\nkube +https:\/\/kube-\S+ +kube-00001-\w{3} +kube-00001-\w{3} +True *$/,
  );
  const all = await kube("get", "ksvc,rev,rt,cfg", "-l", "team in (a), !x", "-o", "name");
  assert.deepEqual(
    all.split("\n"),
    ["service", "route", "configuration"].map((kind) => `${kind}.serving.knative.dev/kube`),
  );
  assert.match(await kube("get", "rev", "-o", "wide"), /\nkube-00001-\w{3} +kube +1 +True/);
  assert.match(await kube("get", "ksvc", "kube", "-o", "yaml"), /^ {2}labels:\n.*\n {4}team: a$/m);
  assert.equal(await kube("replace", "-f", service), "service.serving.knative.dev/kube replaced");
  await booted.api.api.wakeups.idle();
  await assert.rejects(kube("get", "ksvc", "absent"), /NotFound/);
  assert.match(await kube("delete", "-n", project, "ksvc", "kube"), /"kube" deleted/);
  await assert.rejects(kube("get", "ksvc", "kube"), /NotFound/);
}

/** Reaches the server as an HTTP proxy, so that the host of the API tells the region. */
function kubeconfigOf(url: string, namespace: string): object {
  const cluster = { server: "http://us-central1-run.googleapis.com", "proxy-url": url };
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "run", cluster }],
    users: [{ name: "owner", user: {} }],
    contexts: [{ name: "run", context: { cluster: "run", user: "owner", namespace } }],
    "current-context": "run",
  };
}
