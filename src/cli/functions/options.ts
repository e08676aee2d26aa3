import { type Command, Option } from "commander";
import type { RawSettings } from "../../platform/config/env.ts";
import { type ApiClient, createApiClient } from "../client/api-client.ts";
import { dataDirOf, withSettings } from "../server/options.ts";
import { requireServer } from "../server/running-server.ts";
import type { ServerState } from "../server/state-file.ts";

/** Options that every command about functions has. */
export interface FunctionOptions extends RawSettings {
  readonly project: string;
  readonly region: string;
  readonly format: "text" | "json";
}

/** Adds them; project and region may come from gcloud's variables. */
export function withFunctionOptions(command: Command): Command {
  command
    .addOption(new Option("--project <id>", "project id").env("GOOGLE_CLOUD_PROJECT").default("homerun-local"))
    .addOption(new Option("--region <region>", "region").env("CLOUDSDK_FUNCTIONS_REGION").default("us-central1"))
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"));
  return withSettings(command, ["dataDir"]);
}

export interface FunctionContext {
  readonly state: ServerState;
  readonly api: ApiClient;
  /** /cloudfunctions/v2/projects/P/locations/L */
  readonly location: string;
}

export async function functionContext(options: FunctionOptions): Promise<FunctionContext> {
  const state = await requireServer(dataDirOf(options));
  const location = `/cloudfunctions/v2/projects/${options.project}/locations/${options.region}`;
  return { state, api: createApiClient(state), location };
}

/** Prints a value as JSON, or as `text` says. */
export function print(options: Pick<FunctionOptions, "format">, value: unknown, text: () => string): void {
  console.log(options.format === "json" ? JSON.stringify(value, undefined, 2) : text());
}
