import { createHash } from "node:crypto";
import type { Container, Volume } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import { parseSecretName } from "../secrets/secret-name.ts";
import { invalidAnnotation } from "./annotation-rules.ts";

/** Annotation that says what v1's short names of secrets of other projects stand for. */
export const SECRETS = "run.googleapis.com/secrets";

/** Full names of secrets by their v1 aliases. */
export type SecretAliases = ReadonlyMap<string, string>;

/** Parses "ALIAS:projects/NUMBER/secrets/SECRET,..."; `key` names the annotation in errors. */
export function parseSecretAliases(value: string, key: string): SecretAliases {
  const entries = value.split(",").filter(Boolean);
  return new Map(
    entries.map((entry): [string, string] => {
      const [, alias, name] = /^\s*([^:\s]+):(projects\/[^:\s]+)\s*$/.exec(entry) ?? [];
      if (alias === undefined || !parseSecretName(name!)) {
        throw invalidAnnotation(key, value, "a list of ALIAS:projects/PROJECT/secrets/SECRET");
      }
      return [alias, name!];
    }),
  );
}

/** The annotation that the secrets of a template need; undefined when all are of its own project. */
export function formatSecretAliases(template: SecretUser): string | undefined {
  const names = [...new Set(secretNamesOf(template))].filter((name) => aliasOf(name) !== name);
  if (names.length === 0) return undefined;
  const pairs = names.map((name) => {
    const { project, secret } = parseSecretName(name)!;
    // gcloud reads numbers only.
    const number = /^\d+$/.test(project!) ? project : projectNumberOf(project!);
    return `${aliasOf(name)}:projects/${number}/secrets/${secret}`;
  });
  return pairs.toSorted().join(",");
}

/** v1's name of a secret: its id, or an alias for one that names its project. */
export function aliasOf(name: string): string {
  const { project, secret } = parseSecretName(name) ?? {};
  if (project === undefined) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 12);
  return `${secret!.slice(0, 5)}-${digest}`;
}

interface SecretUser {
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
}

function secretNamesOf({ containers, volumes }: SecretUser): string[] {
  const variables = containers.flatMap(({ env }) => env);
  return [
    ...variables.map(({ values }) => (values.case === "valueSource" ? values.value.secretKeyRef?.secret : undefined)),
    ...volumes.map(({ volumeType }) => (volumeType.case === "secret" ? volumeType.value.secret : undefined)),
  ].filter((name) => name !== undefined);
}
