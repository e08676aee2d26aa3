import { Command } from "commander";
import { type FunctionJson, localUrlOf, requireFunction } from "./function.ts";
import { type FunctionContext, functionContext, type FunctionOptions, print, withFunctionOptions } from "./options.ts";

interface CallOptions extends FunctionOptions {
  readonly data?: string;
  readonly path: string;
}

/** homerun call: sends a request to a function's URL and prints the answer; exit code 1 for a status of 400 or more. */
export function callCommand(): Command {
  const command = new Command("call")
    .description("Call a function and print its answer.")
    .argument("<name>", "function id")
    .option("--data <json>", "JSON body; makes it a POST")
    .option("--path <path>", "path below the function's URL", "/");
  return withFunctionOptions(command).action(async (id: string, options: CallOptions) => {
    const context = await functionContext(options);
    const found = await requireFunction(context, id);
    const token = await idTokenFor(context, options.project, found);
    const answer = await callFunction(localUrlOf(context.state, found), options.path, { token, data: options.data });
    print(options, answer, () => answer.body);
    if (answer.status >= 400) process.exitCode = 1;
  });
}

export interface FunctionAnswer {
  readonly status: number;
  readonly body: string;
}

/** Sends one request; connects to this machine and names the function in Host, so that *.localhost need not resolve. */
export async function callFunction(
  url: string,
  path: string,
  { token, data }: { readonly token?: string; readonly data?: string | undefined } = {},
): Promise<FunctionAnswer> {
  const { host, port } = new URL(url);
  const init = data === undefined ? {} : { method: "POST" as const, body: data };
  const headers = {
    host,
    ...(data !== undefined && { "content-type": "application/json" }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  // Loaded here, so that other commands stay quick.
  const { request } = await import("undici");
  const response = await request(`http://127.0.0.1:${port}${path}`, { ...init, headers });
  return { status: response.statusCode, body: await response.body.text() };
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
