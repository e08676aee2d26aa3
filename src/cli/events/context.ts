import { type Command, Option } from "commander";
import type { RawSettings } from "../../platform/config/env.ts";
import { type ApiClient, createApiClient } from "../client/api-client.ts";
import { dataDirOf, withSettings } from "../server/options.ts";
import { requireServer } from "../server/running-server.ts";

/** Options that every command about events has. */
export interface EventOptions extends RawSettings {
  readonly project: string;
  readonly format: "text" | "json";
  readonly json?: true;
}

/** Adds them; the project may come from gcloud's variable. */
export function withEventOptions(command: Command): Command {
  command
    .addOption(new Option("--project <id>", "project id").env("GOOGLE_CLOUD_PROJECT").default("homerun-local"))
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .option("--json", "the same as --format json");
  return withSettings(command, ["dataDir"]);
}

/** homerun's own API of events of a project: paths are below it. */
export interface EventsApi {
  call<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
}

export async function eventsApi(options: EventOptions): Promise<EventsApi> {
  const api: ApiClient = createApiClient(await requireServer(dataDirOf(options)));
  const base = `/pubsub/homerun/v1/projects/${encodeURIComponent(options.project)}`;
  return { call: (method, path, body) => api.call(method, `${base}/${path}`, body) };
}

/** Prints a value as JSON, or as `text` says. */
export function printEvents({ format, json }: EventOptions, value: unknown, text: () => string): void {
  console.log(json === true || format === "json" ? JSON.stringify(value, undefined, 2) : text());
}

/** The last part of a full name, and anything else as it is. */
export function idOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
