import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import { notSupported } from "../errors.ts";
import { type JsonCall, type JsonHandler, jsonResponse } from "./json-call.ts";

/** projects.serviceAccount.get: GET /projects/P/serviceAccount. */
export async function getServiceAccount({ model, query, params }: JsonCall): Promise<Response> {
  const number = projectNumberOf(model.projects.idOf(params[0]!));
  const email_address = `service-${number}@gs-project-accounts.iam.gserviceaccount.com`;
  return jsonResponse({ kind: "storage#serviceAccount", email_address }, query);
}

/** A list of things that no bucket has here: folders and managed folders. */
export const listNothing =
  (kind: string): JsonHandler =>
  async ({ model, query, params }) => {
    await model.buckets.get(params[0]!);
    return jsonResponse({ kind }, query);
  };

/** A method that homerun does not have. */
export const refuse =
  (what: string): JsonHandler =>
  async () => {
    throw notSupported(what);
  };
