import { zipOf } from "./archives.ts";
import type { JsonAnswer, RealServer } from "./real-server.ts";
import { until } from "./until.ts";

export const LOCATION = "projects/homerun-local/locations/us-central1";
const FRAMEWORK = '"@google-cloud/functions-framework": "^3.5.0"';

/** What a deployment asks for beyond an ordinary HTTP function. */
export interface Deployment {
  /** Content of index.js; "module.exports" style, exporting `hello` unless `entryPoint` says otherwise. */
  readonly code?: string;
  /** In place of code: a whole archive. */
  readonly archive?: Buffer;
  /** More entries of package.json's dependencies, as JSON text. */
  readonly dependencies?: string;
  readonly entryPoint?: string;
  readonly runtime?: string;
  readonly labels?: Record<string, string>;
  readonly serviceConfig?: Record<string, unknown>;
  /** Makes it an event function. */
  readonly eventTrigger?: Record<string, unknown>;
}

/** An operation as REST answers it. */
export interface OperationJson {
  readonly name: string;
  readonly done?: boolean;
  readonly error?: { readonly code: number; readonly message: string };
  readonly metadata?: { readonly stages?: readonly { readonly name: string; readonly state: string }[] };
  readonly response?: Record<string, unknown>;
}

/** An HTTP function that answers `text`. */
export function answering(text: string): string {
  return `exports.hello = (req, res) => res.send(${JSON.stringify(text)});\n`;
}

/** Asks for a function to be created (POST) or changed (PATCH); resolves with the API's first answer. */
export async function requestDeployment(
  server: RealServer,
  verb: "POST" | "PATCH",
  id: string,
  deployment: Deployment,
): Promise<JsonAnswer> {
  return (await uploadDeployment(server, deployment))(verb, id);
}

/** Uploads a deployment's source; the function it resolves with asks for the rest. */
export async function uploadDeployment(
  server: RealServer,
  deployment: Deployment,
): Promise<(verb: "POST" | "PATCH", id: string) => Promise<JsonAnswer>> {
  const { entryPoint = "hello", runtime = "nodejs22", labels, serviceConfig, eventTrigger } = deployment;
  const storageSource = await upload(server, deployment.archive ?? (await archiveOf(deployment)));
  const body = {
    buildConfig: { runtime, entryPoint, source: { storageSource } },
    ...(labels && { labels }),
    ...(serviceConfig && { serviceConfig }),
    ...(eventTrigger && { eventTrigger }),
  };
  const optional = { labels, serviceConfig, eventTrigger };
  const masks = ["buildConfig", ...Object.entries(optional).flatMap(([name, value]) => (value ? [name] : []))];
  const path = `/cloudfunctions/v2/${LOCATION}/functions`;
  return (verb, id) =>
    verb === "POST"
      ? server.json("POST", `${path}?functionId=${encodeURIComponent(id)}`, body)
      : server.json("PATCH", `${path}/${id}?updateMask=${masks.join(",")}`, body);
}

/** The operation of an accepted answer, once it is done, whatever its end. */
export async function operationOf(server: RealServer, { status, body }: JsonAnswer): Promise<OperationJson> {
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return until(async () => {
    const operation = await operationNow(server, String(body["name"]));
    return operation.done === true && operation;
  });
}

/** An operation as it is now. */
export async function operationNow(server: RealServer, name: string): Promise<OperationJson> {
  const { body } = await server.json("GET", `/cloudfunctions/v2/${name}`);
  return body as unknown as OperationJson;
}

/** Creates a function and resolves with its URL; rejects with the operation's error. */
export async function deploy(
  server: RealServer,
  id: string,
  deployment: Deployment,
  { isPublic = true } = {},
): Promise<string> {
  const operation = await operationOf(server, await requestDeployment(server, "POST", id, deployment));
  if (operation.error) throw new Error(operation.error.message);
  if (isPublic) {
    const policy = { bindings: [{ role: "roles/run.invoker", members: ["allUsers"] }] };
    await server.json("POST", `/run/v2/${LOCATION}/services/${id}:setIamPolicy`, { policy });
  }
  return uriOf(operation.response!);
}

/** A function's service's URL. */
export function uriOf(fn: Record<string, unknown>): string {
  return (fn["serviceConfig"] as { uri: string }).uri;
}

/** A function as it is now. */
export async function functionNow(server: RealServer, id: string): Promise<JsonAnswer> {
  return server.json("GET", `/cloudfunctions/v2/${LOCATION}/functions/${id}`);
}

async function upload(server: RealServer, archive: Buffer): Promise<unknown> {
  const { body } = await server.json("POST", `/cloudfunctions/v2/${LOCATION}/functions:generateUploadUrl`, {});
  const headers = { "content-type": "application/zip" };
  const content = new Uint8Array(archive);
  const response = await fetch(String(body["uploadUrl"]), { method: "PUT", body: content, headers });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return body["storageSource"];
}

function archiveOf({ code = answering("hello"), dependencies }: Deployment): Promise<Buffer> {
  const all = [FRAMEWORK, ...(dependencies ? [dependencies] : [])].join(", ");
  return zipOf({ "index.js": code, "package.json": `{ "main": "index.js", "dependencies": { ${all} } }` });
}
