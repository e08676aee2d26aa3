import { Command } from "commander";
import { CliError } from "../cli-error.ts";
import {
  type EventTriggerJson,
  eventTriggerOf,
  retryOf,
  triggerMaskOf,
  type TriggerOptions,
  triggerText,
  withTriggerOptions,
} from "./event-trigger.ts";
import { type FunctionJson, localUrlOf, requireFunction } from "./function.ts";
import { type OperationJson, waitForOperation } from "./operation.ts";
import { type FunctionContext, functionContext, type FunctionOptions, print, withFunctionOptions } from "./options.ts";
import { parsePairs } from "./pairs.ts";
import { archiveSource } from "./source-archive.ts";
import { createStageDisplay, type StageDisplay } from "./stage-display.ts";

/** What a deployment needs to know. */
export interface DeployOptions extends TriggerOptions {
  readonly source: string;
  readonly runtime: string;
  readonly entryPoint: string;
  readonly allowUnauthenticated?: boolean;
  readonly memory?: string;
  readonly setEnvVars?: string;
}

/** homerun deploy: deploys a function from a folder, called by HTTP or for events, showing each stage with its time. */
export function deployCommand(): Command {
  const command = new Command("deploy")
    .description("Deploy a function from source.")
    .argument("<name>", "function id")
    .option("--source <folder>", "folder with the source", ".")
    .option("--runtime <runtime>", "runtime id, for example nodejs24 or python313", "nodejs22")
    .requiredOption("--entry-point <name>", "name of the exported function")
    .option("--allow-unauthenticated", "let anybody call it")
    .option("--memory <amount>", "memory of an instance, for example 512Mi")
    .option("--set-env-vars <list>", "KEY=VALUE,...");
  const complete = withFunctionOptions(withTriggerOptions(command));
  return complete.action(async (id: string, options: FunctionOptions & DeployOptions) => {
    const context = await functionContext(options);
    using display = createStageDisplay(process.stderr, options.format === "json");
    const deployed = await deployFunction(context, id, options, display);
    display[Symbol.dispose]();
    const url = localUrlOf(context.state, deployed);
    print(options, { ...deployed, localUrl: url }, () => `${id} is ${deployed.state} at ${url}${eventsText(deployed)}`);
  });
}

function eventsText({ eventTrigger }: FunctionJson): string {
  return eventTrigger ? `, called for events of ${triggerText(eventTrigger)}` : "";
}

/** Uploads, creates or updates, waits, and opens the function to everybody when asked to. */
export async function deployFunction(
  context: FunctionContext,
  id: string,
  options: DeployOptions,
  display: StageDisplay,
): Promise<FunctionJson> {
  const { api, location } = context;
  const eventTrigger = eventTriggerOf(location.split("/")[4]!, options) ?? retryOnly(options);
  const storageSource = await display.step("Upload", () => uploadSource(context, options.source));
  const body = { ...functionBody(id, location, options, storageSource), ...(eventTrigger && { eventTrigger }) };
  const exists = await api.find(`${location}/functions/${id}`);
  const started = exists
    ? await api.call<OperationJson>("PATCH", `${location}/functions/${id}?updateMask=${maskOf(options)}`, body)
    : await api.call<OperationJson>("POST", `${location}/functions?functionId=${id}`, body);
  await waitForOperation(api, started, (operation) => display.update(operation));
  const deployed = await requireFunction(context, id);
  if (options.allowUnauthenticated) await display.step("Public access", () => allowEverybody(context, deployed));
  return deployed;
}

async function uploadSource({ api, location }: FunctionContext, folder: string): Promise<unknown> {
  const archive = await archiveSource(folder);
  const target = await api.call<{ uploadUrl: string; storageSource: unknown }>(
    "POST",
    `${location}/functions:generateUploadUrl`,
    {},
  );
  const headers = { "content-type": "application/zip" };
  const response = await fetch(target.uploadUrl, { method: "PUT", headers, body: new Uint8Array(archive) });
  if (!response.ok) throw new CliError(`the upload was refused (${response.status}): ${await response.text()}`);
  return target.storageSource;
}

function functionBody(id: string, location: string, options: DeployOptions, storageSource: unknown) {
  const { runtime, entryPoint, memory, setEnvVars } = options;
  return {
    name: `${location.replace("/cloudfunctions/v2/", "")}/functions/${id}`,
    labels: { "deployment-tool": "cli-homerun" },
    buildConfig: { runtime, entryPoint, source: { storageSource } },
    serviceConfig: {
      ...(memory !== undefined && { availableMemory: memory }),
      ...(setEnvVars !== undefined && { environmentVariables: parsePairs(setEnvVars) }),
    },
  };
}

/** A function that keeps its events may still change how they are tried again. */
function retryOnly({ retry }: TriggerOptions): EventTriggerJson | undefined {
  return retry === undefined ? undefined : retryOf({ retry });
}

function maskOf(options: DeployOptions): string {
  const { memory, setEnvVars } = options;
  const paths = ["buildConfig.runtime", "buildConfig.entryPoint", "buildConfig.source"];
  if (memory !== undefined) paths.push("serviceConfig.availableMemory");
  if (setEnvVars !== undefined) paths.push("serviceConfig.environmentVariables");
  return [...paths, ...triggerMaskOf(options)].join(",");
}

async function allowEverybody({ api }: FunctionContext, { serviceConfig, name }: FunctionJson): Promise<void> {
  const service = serviceConfig?.service;
  if (service === undefined) throw new CliError(`${name} has no service`);
  const bindings = [{ role: "roles/run.invoker", members: ["allUsers"] }];
  await api.call("POST", `/run/v2/${service}:setIamPolicy`, { policy: { bindings } });
}
