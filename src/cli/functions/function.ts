import { CliError } from "../cli-error.ts";
import type { ServerState } from "../server/state-file.ts";
import type { EventTriggerJson } from "./event-trigger.ts";
import type { FunctionContext } from "./options.ts";

/** The part of a Function's JSON that the commands use. */
export interface FunctionJson {
  readonly name: string;
  readonly state: string;
  readonly url?: string;
  readonly updateTime?: string;
  readonly buildConfig?: { readonly runtime?: string; readonly entryPoint?: string };
  readonly eventTrigger?: EventTriggerJson;
  readonly serviceConfig?: { readonly uri?: string; readonly revision?: string; readonly service?: string };
}

export async function requireFunction({ api, location }: FunctionContext, id: string): Promise<FunctionJson> {
  const found = await api.find<FunctionJson>(`${location}/functions/${id}`);
  if (!found) throw new CliError(`there is no function ${id} in ${location.replace("/cloudfunctions/v2/", "")}`);
  return found;
}

/** A URL of the function that opens without proxy and without certificate: *.run.localhost on the ingress port. */
export function localUrlOf({ ingressPort }: ServerState, { serviceConfig, name }: FunctionJson): string {
  const host = serviceConfig?.uri && new URL(serviceConfig.uri).hostname;
  if (!host) throw new CliError(`${name} has no URL yet`);
  return `http://${host.replace(/\.run\.app$/, ".run.localhost")}:${ingressPort}`;
}
