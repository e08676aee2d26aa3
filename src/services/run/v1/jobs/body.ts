import { invalidArgument } from "../../../../wire/errors.ts";
import type { RunContext } from "../../context.ts";
import { checkBody } from "../check-body.ts";
import { jsonBodyOf, projectIdOf, type V1Request } from "../request.ts";
import { API_VERSION, type KnativeJob } from "./knative.ts";
import { JOB_SHAPE } from "./shapes.ts";

/** The Job in the body of a request; INVALID_ARGUMENT for anything else, or for one of another namespace. */
export async function jobBody(context: RunContext, at: V1Request): Promise<KnativeJob> {
  const body = checkBody(JOB_SHAPE, await jsonBodyOf(at.request), "job") as Partial<KnativeJob>;
  requireValue("apiVersion", body.apiVersion, API_VERSION);
  requireValue("kind", body.kind, "Job");
  const { metadata = {}, spec } = body;
  if (!spec?.template) throw missing("spec.template");
  if (metadata.namespace && (await projectIdOf(context, metadata.namespace)) !== at.project) {
    const description = `The namespace of the object (${metadata.namespace}) does not match the namespace on the URL (${at.project}).`;
    throw invalidArgument(description, [{ field: "metadata.namespace", description }]);
  }
  return { apiVersion: API_VERSION, kind: "Job", metadata, spec };
}

function requireValue(field: string, value: string | undefined, expected: string): void {
  if (value === expected) return;
  const description = `must be ${expected}.`;
  throw invalidArgument(`${field}: ${description}`, [{ field, description }]);
}

function missing(field: string) {
  const description = "required field not present.";
  return invalidArgument(`${field}: ${description}`, [{ field, description }]);
}
