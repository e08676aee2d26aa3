import { FunctionService } from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import type { Destination } from "../../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import { Services } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { invalidRequest } from "../errors.ts";
import { agentOf } from "../names.ts";

/** Where a trigger's events go. */
export interface Endpoint {
  /** The URL to post to. */
  readonly url: string;
  /** Who the identity token is for: the URL of the service, as Google sets it. */
  readonly audience: string;
}

/** Resolves a destination; INVALID_ARGUMENT when the service or function is not there. */
export async function endpointOf(
  deps: Pick<Deps, "clients">,
  project: string,
  { descriptor }: Destination,
): Promise<Endpoint> {
  switch (descriptor.case) {
    case "cloudRun": {
      const { service, region, path } = descriptor.value;
      const base = await serviceUrl(deps, project, `projects/${project}/locations/${region}/services/${service}`);
      return { url: path === "" ? base : `${base}/${path.replace(/^\//, "")}`, audience: base };
    }
    case "cloudFunction": {
      const base = await serviceUrl(deps, project, await serviceOfFunction(deps, project, descriptor.value));
      return { url: base, audience: base };
    }
    case "httpEndpoint":
      return { url: descriptor.value.uri, audience: descriptor.value.uri };
    default:
      throw new Error(`a trigger was stored with the destination ${String(descriptor.case)}`);
  }
}

async function serviceOfFunction({ clients }: Pick<Deps, "clients">, project: string, name: string): Promise<string> {
  const functions = clients.of(FunctionService, agentOf(project));
  const missing = `Cloud Function "${name}" was not found`;
  const { serviceConfig } = await unlessMissing(
    functions.getFunction({ name }),
    "trigger.destination.cloud_function",
    missing,
  );
  if (serviceConfig?.service) return serviceConfig.service;
  // A function that is deployed for the first time has its service before it says so.
  return name.replace(/\/functions\/([^/]+)$/, (_, id: string) => `/services/${id.toLowerCase().replaceAll("_", "-")}`);
}

async function serviceUrl({ clients }: Pick<Deps, "clients">, project: string, name: string): Promise<string> {
  const services = clients.of(Services, agentOf(project));
  const missing = `Cloud Run service "${name}" was not found`;
  const { uri } = await unlessMissing(services.getService({ name }), "trigger.destination.cloud_run.service", missing);
  if (uri === "") throw new ApiError(Code.UNAVAILABLE, `Cloud Run service "${name}" has no URL yet`);
  return uri;
}

async function unlessMissing<Answer>(answer: Promise<Answer>, field: string, why: string): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof ApiError && error.code === Code.NOT_FOUND ? invalidRequest(field, why) : error;
  }
}
