import { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { binaryCloudEvent } from "./cloud-event.ts";
import { type FunctionJson, localUrlOf, requireFunction } from "./function.ts";
import { type FunctionContext, functionContext, type FunctionOptions, print, withFunctionOptions } from "./options.ts";

interface CallOptions extends FunctionOptions {
  readonly data?: string;
  readonly cloudEvent?: string;
  readonly path: string;
}

/** homerun call: sends a request to a function's URL and prints the answer; exit code 1 for a status of 400 or more. */
export function callCommand(): Command {
  const command = new Command("call")
    .description("Call a function and print its answer.")
    .argument("<name>", "function id")
    .option("--data <json>", "JSON body; makes it a POST")
    .option("--cloud-event <json>", "a CloudEvent as JSON, sent as Eventarc sends events")
    .option("--path <path>", "path below the function's URL", "/");
  return withFunctionOptions(command).action(async (id: string, options: CallOptions) => {
    const context = await functionContext(options);
    const found = await requireFunction(context, id);
    const token = await idTokenFor(context, options.project, found);
    const { data, cloudEvent } = options;
    if (data !== undefined && cloudEvent !== undefined) throw new CliError("give --data or --cloud-event");
    const sent = cloudEvent === undefined ? jsonRequest(data) : binaryCloudEvent(cloudEvent);
    const answer = await callFunction(localUrlOf(context.state, found), options.path, { token, ...sent });
    print(options, answer, () => answer.body);
    if (answer.status >= 400) process.exitCode = 1;
  });
}

export interface FunctionAnswer {
  readonly status: number;
  readonly body: string;
}

/** What a call may carry; without a body it is a GET. */
interface CallParts {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Sends one request; connects to this machine and names the function in Host, so that *.localhost need not resolve. */
export async function callFunction(
  url: string,
  path: string,
  { token, headers: given, body }: CallParts = {},
): Promise<FunctionAnswer> {
  const { host, port } = new URL(url);
  const init = body === undefined ? {} : { method: "POST" as const, body };
  const headers = { host, ...given, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  // Loaded here, so that other commands stay quick.
  const { request } = await import("undici");
  const response = await request(`http://127.0.0.1:${port}${path}`, { ...init, headers });
  return { status: response.statusCode, body: await response.body.text() };
}

function jsonRequest(data: string | undefined): CallParts {
  return data === undefined ? {} : { headers: { "content-type": "application/json" }, body: data };
}

/** An ID token of the project's default service account, which may invoke whatever its project holds. */
async function idTokenFor({ api }: FunctionContext, project: string, { serviceConfig }: FunctionJson): Promise<string> {
  const { projectNumber } = await api.call<{ projectNumber: string }>(
    "GET",
    `/cloudresourcemanager/v1/projects/${project}`,
  );
  const account = `${projectNumber}-compute@developer.gserviceaccount.com`;
  const path = `/iamcredentials/v1/projects/-/serviceAccounts/${account}:generateIdToken`;
  const { token } = await api.call<{ token: string }>("POST", path, {
    audience: serviceConfig?.uri,
    includeEmail: true,
  });
  return token;
}
