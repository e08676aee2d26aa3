import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { invalidField } from "./errors.ts";

const PARENT = /^projects\/[^/]+(\/locations\/[^/]+)?$/;
const SECRET_ID = /^[A-Za-z0-9_-]{1,255}$/;

/** Rejects what is neither a project nor a location of one. */
export function checkParent(parent: string): void {
  if (!PARENT.test(parent)) throw invalidField("parent", `The parent [${parent}] is not a valid resource name.`);
}

/** The name of a new secret; rejects an id out of form. */
export function secretName(parent: string, secretId: string): string {
  checkParent(parent);
  if (!SECRET_ID.test(secretId)) {
    const description = `The provided Secret ID [${secretId}] does not match the expected format [[a-zA-Z_0-9-]+]`;
    throw invalidField("secret_id", description);
  }
  return `${parent}/secrets/${secretId}`;
}

/** Rejects what is not the name of a secret. */
export function checkSecretName(name: string, field = "name"): void {
  const [parent = "", id = ""] = name.split("/secrets/");
  if (!PARENT.test(parent) || !SECRET_ID.test(id))
    throw invalidField(field, `The resource name [${name}] is not the name of a secret.`);
}

/** The secret and the version's id, number or alias of a version's name. */
export function parseVersionName(name: string): { readonly secret: string; readonly version: string } {
  const [secret = "", version = ""] = name.split("/versions/");
  checkSecretName(secret);
  if (!/^[\w-]+$/.test(version)) throw invalidField("name", `The resource name [${name}] is not that of a version.`);
  return { secret, version };
}

/** A name as Google writes it in answers, with the project's number. */
export function publicName(name: string): string {
  return name.replace(/^projects\/([^/]+)/, (_, project: string) => `projects/${projectNumberOf(project)}`);
}
