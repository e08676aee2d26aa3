import { readFile } from "node:fs/promises";
import { protos, v2 } from "@google-cloud/functions";
import { protos as runProtos, RevisionsClient, ServicesClient } from "@google-cloud/run";
import * as grpc from "@grpc/grpc-js";

/**
 * Deploys, reads and deletes with the official clients as they come: argv is "grpc" (through a proxy), "rest" or "plain"
 * (gRPC without TLS), a zip file, an id and the port's HOST:PORT. Prints what the clients answered, as JSON.
 */
const [mode = "", archive = "", id = "", address = ""] = process.argv.slice(2);
const PROJECT = "homerun-local";
const PARENT = `projects/${PROJECT}/locations/us-central1`;
const NAME = `${PARENT}/functions/${id}`;
const { State } = protos.google.cloud.functions.v2.Function;
const { Name: StageName, State: StageState } = protos.google.cloud.functions.v2.Stage;
const ConditionState = runProtos.google.cloud.run.v2.Condition.State;
const PUBLIC = { bindings: [{ role: "roles/run.invoker", members: ["allUsers"] }] };

const options = { projectId: PROJECT, ...optionsOf(mode) };
const functions = new v2.FunctionServiceClient(options);
const services = new ServicesClient(options);
const revisions = new RevisionsClient(options);
const seen = { ...(await functionsFlow()), ...(await runFlow()), ...(await errors()), ...(await deletion()) };
console.log(JSON.stringify(seen));

/** The REST fallback brings connections of its own, which know no proxy; so it is told the address. */
function optionsOf(wanted: string): object {
  const [apiEndpoint, port] = address.split(":");
  const direct = { apiEndpoint, port: Number(port) };
  if (wanted === "rest") return { ...direct, fallback: true, protocol: "http" };
  return wanted === "plain" ? { ...direct, sslCreds: grpc.credentials.createInsecure() } : {};
}

async function functionsFlow() {
  const [runtimes] = await functions.listRuntimes({ parent: PARENT });
  const [upload] = await functions.generateUploadUrl({ parent: PARENT });
  const headers = { "content-type": "application/zip" };
  const put = await fetch(String(upload.uploadUrl), { method: "PUT", body: await readFile(archive), headers });
  const source = { storageSource: upload.storageSource! };
  const definition = {
    name: NAME,
    buildConfig: { runtime: "nodejs22", entryPoint: "hello", source },
    serviceConfig: { environmentVariables: { GREETING: "Hi" } },
  };
  const [creation] = await functions.createFunction({ parent: PARENT, functionId: id, function: definition });
  const [created, metadata] = await creation.promise();
  const [update] = await functions.updateFunction({
    function: { name: NAME, serviceConfig: { timeoutSeconds: 30 } },
    updateMask: { paths: ["service_config.timeout_seconds"] },
  });
  const [updated] = await update.promise();
  const [listed] = await functions.listFunctions({ parent: PARENT });
  return {
    runtimes: runtimes.runtimes!.map(({ name }) => name),
    uploadStatus: put.status,
    state: nameOf(State, created.state),
    stages: metadata.stages!.map(({ name, state }) => [nameOf(StageName, name), nameOf(StageState, state)]),
    environment: updated.serviceConfig!.environmentVariables,
    timeoutSeconds: updated.serviceConfig!.timeoutSeconds,
    listed: listed.map(({ name }) => name),
    service: updated.serviceConfig!.service,
  };
}

/** A service of its own on the image that the function's build made. */
async function runFlow() {
  const [ofFunction] = await services.getService({ name: `${PARENT}/services/${id}` });
  const { image } = ofFunction.template!.containers![0]!;
  const container = { image: image!, env: [{ name: "FUNCTION_TARGET", value: "hello" }] };
  const [creation] = await services.createService({
    parent: PARENT,
    serviceId: `${id}-copy`,
    service: { template: { containers: [container] } },
  });
  const [created] = await creation.promise();
  await services.setIamPolicy({ resource: created.name!, policy: PUBLIC });
  const template = { ...created.template!, maxInstanceRequestConcurrency: 7 };
  const [update] = await services.updateService({ service: { ...created, template } });
  const [updated] = await update.promise();
  const [made] = await revisions.listRevisions({ parent: created.name! });
  const [listed] = await services.listServices({ parent: PARENT });
  return {
    ready: nameOf(ConditionState, updated.terminalCondition!.state),
    concurrency: updated.template!.maxInstanceRequestConcurrency,
    revisions: made.length,
    services: listed.map(({ name }) => name!.split("/").at(-1)),
    url: updated.uri,
    answer: await textOf(updated.uri!).catch((error: Error) => error.message),
  };
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

async function errors() {
  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => 0,
      (error: { code: number }) => error.code,
    );
  const broken = { buildConfig: { runtime: "nodejs4", entryPoint: "hello" } };
  return {
    missing: await codeOf(functions.getFunction({ name: `${PARENT}/functions/absent` })),
    twice: await codeOf(
      services.createService({
        parent: PARENT,
        serviceId: `${id}-copy`,
        service: { template: { containers: [{ image: "us-docker.pkg.dev/a/b/c" }] } },
      }),
    ),
    invalid: await codeOf(functions.createFunction({ parent: PARENT, functionId: "broken", function: broken })),
  };
}

async function deletion() {
  const [ofService] = await services.deleteService({ name: `${PARENT}/services/${id}-copy` });
  await ofService.promise();
  const [ofFunction] = await functions.deleteFunction({ name: NAME });
  await ofFunction.promise();
  const [left] = await services.listServices({ parent: PARENT });
  return { left: left.length };
}

/** The clients tell enums by number over gRPC. */
function nameOf(names: Readonly<Record<number, string>>, value: unknown): unknown {
  return typeof value === "number" ? names[value] : value;
}
