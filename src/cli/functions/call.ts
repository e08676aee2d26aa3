import { Command } from "commander";
import { localUrlOf, requireFunction } from "./function.ts";
import { request } from "undici";
import { functionContext, type FunctionOptions, print, withFunctionOptions } from "./options.ts";

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
    const answer = await callFunction(localUrlOf(context.state, found), options.path, options.data);
    print(options, answer, () => answer.body);
    if (answer.status >= 400) process.exitCode = 1;
  });
}

export interface FunctionAnswer {
  readonly status: number;
  readonly body: string;
}

/** Sends one request; connects to this machine and names the function in Host, so that *.localhost need not resolve. */
export async function callFunction(url: string, path: string, data?: string): Promise<FunctionAnswer> {
  const { host, port } = new URL(url);
  const init = data === undefined ? {} : { method: "POST" as const, body: data };
  const headers = { host, ...(data !== undefined && { "content-type": "application/json" }) };
  const response = await request(`http://127.0.0.1:${port}${path}`, { ...init, headers });
  return { status: response.statusCode, body: await response.body.text() };
}
