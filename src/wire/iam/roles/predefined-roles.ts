import { readFileSync } from "node:fs";

/** A role and what it grants. */
export interface RoleDefinition {
  /** "roles/run.invoker", "projects/P/roles/R" */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** "GA", "BETA", "ALPHA", "DEPRECATED", ... */
  readonly stage: string;
  /** "run.routes.invoke"; of the services that are served here. */
  readonly permissions: ReadonlySet<string>;
}

/**
 * Google's predefined roles that concern the services served here, one a line: name, stage, title, description, and
 * permissions by service. Facts of Google's IAM API (roles.list with view FULL), as of 2026-08.
 */
const FILE = new URL("predefined-roles.tsv", import.meta.url);

let known: ReadonlyMap<string, RoleDefinition> | undefined;

/** The predefined roles by name, in order of their names. */
export function predefinedRoles(): ReadonlyMap<string, RoleDefinition> {
  return (known ??= new Map(
    readFileSync(FILE, "utf8")
      .trimEnd()
      .split("\n")
      .map(parseLine)
      .map((role) => [role.name, role]),
  ));
}

let all: ReadonlySet<string> | undefined;

/** Every permission that some predefined role grants, in order. */
export function knownPermissions(): ReadonlySet<string> {
  return (all ??= new Set([...predefinedRoles().values()].flatMap(({ permissions }) => [...permissions]).toSorted()));
}

function parseLine(line: string): RoleDefinition {
  const [name, stage, title, description, permissions] = line.split("\t") as [string, string, string, string, string];
  return { name, stage, title, description, permissions: new Set(permissions.split(" ").flatMap(expand)) };
}

/** "run.{routes.invoke,jobs.run}": run.routes.invoke, run.jobs.run. */
function expand(group: string): string[] {
  const [service, rest] = group.split(".{") as [string, string];
  return rest
    .slice(0, -1)
    .split(",")
    .map((permission) => `${service}.${permission}`);
}
