import { execFile } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pushImage } from "../../src/oci/distribution/push-image.ts";
import { directoryEntry, fileEntry, type LayerEntry } from "../../src/oci/layers/layer-entry.ts";
import { writeLayer } from "../../src/oci/layers/write-layer.ts";
import { type RealServer, startRealServer } from "./real-server.ts";
import { registryClientOf } from "./step-image.ts";

const PROJECT = "homerun-local";
const REGION = "us-central1";
const REPOSITORY = `${REGION}-docker.pkg.dev/${PROJECT}/knative`;
/** The user of images without root, as Knative's own images have it. */
const NONROOT = 65_532;
/** Where the suite looks for the ports of the ingress, unless hosts resolve. */
const INGRESS_SERVICE = "/api/v1/namespaces/istio-system/services/istio-ingressgateway";

/** How a test of the suite ended. */
export type Outcome = "pass" | "fail" | "skip";

/** A server with the suite's images in its registry, and a way to run the suite's programs against it. */
export interface KnativeSuite extends AsyncDisposable {
  readonly server: RealServer;
  /** Runs one program ("v1.test", "runtime.test"); resolves with the outcome of each test and the whole output. */
  run(program: string, ...flags: string[]): Promise<{ outcomes: Record<string, Outcome>; output: string }>;
}

/**
 * Prepares Knative Serving's conformance tests. `folder` holds the compiled tests and, in images/, the compiled programs
 * of the test images.
 */
export async function openKnativeSuite(folder: string): Promise<KnativeSuite> {
  const server = await startRealServer({ flags: ["--idle-timeout", "20s"] });
  const work = await mkdtemp(join(tmpdir(), "homerun-knative-"));
  const relay = createServer((request, response) => passOn(server, request, response));
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  const kubeconfig = join(work, "kubeconfig.json");
  await writeFile(kubeconfig, JSON.stringify(kubeconfigOf((relay.address() as AddressInfo).port)));
  await pushImages(server, join(folder, "images"), work);
  return {
    server,
    async run(program, ...flags) {
      const given = ["-kubeconfig", kubeconfig, "-test-namespace", PROJECT, "-dockerrepo", REPOSITORY];
      const fixed = ["-ingressendpoint", "127.0.0.1", "-disable-logstream", "-test.v", "-test.timeout", "15m"];
      // Cloud Run sets aside the whole limit of CPU, which the suite's own flag lets it expect.
      const requests = ["-custom-cpu-requests", "1000m"];
      const headers = ["-request-headers", await authorizationOf(server)];
      const env = { ...process.env, SSL_CERT_FILE: server.caFile };
      const output = await runProgram(
        join(folder, program),
        [...given, ...fixed, ...requests, ...headers, ...flags],
        work,
        env,
      );
      return { outcomes: outcomesOf(output), output };
    },
    async [Symbol.asyncDispose]() {
      relay.closeAllConnections();
      relay.close();
      await server[Symbol.asyncDispose]();
      await rm(work, { recursive: true, force: true });
    },
  };
}

function kubeconfigOf(port: number): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "homerun", cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: "owner", user: {} }],
    contexts: [{ name: "homerun", context: { cluster: "homerun", user: "owner", namespace: PROJECT } }],
    "current-context": "homerun",
  };
}

/** What resolves and routes names in the real world: the regional host of the API, and the ports behind services' URLs. */
function passOn(server: RealServer, request: IncomingMessage, response: ServerResponse): void {
  if (request.url === INGRESS_SERVICE) {
    const ports = [
      { port: 443, nodePort: server.apiPort },
      { port: 80, nodePort: server.ingressPort },
    ];
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ apiVersion: "v1", kind: "Service", spec: { ports } }));
    return;
  }
  const headers = { ...request.headers, host: `${REGION}-run.googleapis.com` };
  const { method = "GET", url: path = "/" } = request;
  const onward = httpRequest({ host: "127.0.0.1", port: server.apiPort, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  response.on("close", () => onward.destroy());
  request.pipe(onward);
}

/** The header by which the suite calls services: they let in who may invoke whatever the project holds. */
async function authorizationOf(server: RealServer): Promise<string> {
  const { body } = await server.json("GET", `/cloudresourcemanager/v1/projects/${PROJECT}`);
  const account = `${String(body["projectNumber"])}-compute@developer.gserviceaccount.com`;
  const path = `/iamcredentials/v1/projects/-/serviceAccounts/${account}:generateAccessToken`;
  const scope = ["https://www.googleapis.com/auth/cloud-platform"];
  const answer = await server.json("POST", path, { scope });
  return `Authorization,Bearer ${String(answer.body["accessToken"])}`;
}

async function pushImages(server: RealServer, folder: string, work: string): Promise<void> {
  const path = `/artifactregistry/v1/projects/${PROJECT}/locations/${REGION}/repositories?repositoryId=knative`;
  const { status, body } = await server.json("POST", path, { format: "DOCKER" });
  if (status !== 200) throw new Error(`the repository was not made: ${JSON.stringify(body)}`);
  for (const program of await readdir(folder)) await pushProgram(server, join(folder, program), program, work);
}

/** An image of nothing but a statically linked program, as Knative publishes its test images. */
async function pushProgram(server: RealServer, program: string, name: string, work: string): Promise<void> {
  const path = `ko-app/${name}`;
  const { size } = await stat(program);
  const content = () => createReadStream(program);
  const entries: LayerEntry[] = [
    directoryEntry("etc"),
    fileEntry("etc/passwd", `root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:${NONROOT}:${NONROOT}::/:/sbin/nologin\n`),
    fileEntry("etc/group", `root:x:0:\nnonroot:x:${NONROOT}:\n`),
    directoryEntry("ko-app"),
    { type: "file", path, mode: 0o755, uid: 0, gid: 0, size, content },
  ];
  const layer = await writeLayer(entries, join(work, `${name}.tar`), "none");
  const pushed = { descriptor: layer.descriptor, diffId: layer.diffId, source: { file: layer.file } };
  const config = { User: String(NONROOT), Entrypoint: [`/${path}`], Env: [`PATH=/ko-app`] };
  await pushImage(registryClientOf(server), [`${REPOSITORY}/${name}:latest`], {
    layers: [pushed],
    config: { architecture: "amd64", os: "linux", config },
  });
  await rm(layer.file);
}

/** Resolves with standard output and error, whatever the exit code is. */
function runProgram(file: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, maxBuffer: 256 * 1024 * 1024 }, (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
}

/** The outcomes of top-level tests, by name: go test -v prints "--- PASS: TestName (1.00s)". */
function outcomesOf(output: string): Record<string, Outcome> {
  const ends = output.matchAll(/^--- (PASS|FAIL|SKIP): (\w+) /gm);
  return Object.fromEntries([...ends].map(([, outcome, name]) => [name!, outcome!.toLowerCase() as Outcome]));
}
