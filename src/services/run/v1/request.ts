import { canonicalName } from "../../../wire/interceptors/canonical-projects.ts";
import { invalidArgument } from "../../../wire/errors.ts";
import type { Call } from "../../../wire/call.ts";
import type { RunContext } from "../context.ts";

/** A v1 request, its path taken apart. */
export interface V1Request {
  readonly request: Request;
  readonly url: URL;
  readonly call: Call;
  /** Project id. */
  readonly project: string;
  /** Region of the host or path; "-" when neither tells one. */
  readonly location: string;
  /** Name of the object, "" for its collection. */
  readonly name: string;
}

/** The location in a regional host, as in us-central1-run.googleapis.com; "-" for the global host. */
export function locationOfHost(host: string): string {
  return /^([a-z]+-[a-z]+\d+)-run\./.exec(host)?.[1] ?? "-";
}

/** The id of a project given by id or number, which is remembered. */
export async function projectIdOf({ projects }: RunContext, idOrNumber: string): Promise<string> {
  return (await canonicalName(`projects/${idOrNumber}`, projects)).slice("projects/".length);
}

/** The JSON body of a request, an empty object for none and for null; INVALID_ARGUMENT when it is no JSON. */
export async function jsonBodyOf(request: Request): Promise<unknown> {
  const text = await request.text();
  try {
    return text === "" ? {} : ((JSON.parse(text) as unknown) ?? {});
  } catch (error) {
    throw invalidArgument(`Invalid JSON payload received. ${(error as Error).message}`);
  }
}

/** Whether a change is only to be tried; INVALID_ARGUMENT for values of dryRun that Kubernetes does not know. */
export function isDryRun(url: URL): boolean {
  return url.searchParams.getAll("dryRun").map(isDryRunText).includes(true);
}

/** The same for one value. */
export function isDryRunText(value: string): boolean {
  if (value === "") return false;
  if (value === "all" || value === "All") return true;
  throw invalidArgument(`Invalid value of dryRun: '${value}'.`, [{ field: "dryRun", description: "must be 'all'." }]);
}
