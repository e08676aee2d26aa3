import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type EnvChange, layerPathChanges, parseEnvFiles, readEnvFolder } from "./environment.ts";
import type { ProcessRecord } from "./exchange.ts";

/** What a launch layer does to the environment of the processes that start with it. */
export interface LaunchEnvironment {
  readonly paths: readonly EnvChange[];
  readonly changes: readonly EnvChange[];
  /** Changes for one process type only, by type. */
  readonly byProcess: Readonly<Record<string, readonly EnvChange[]>>;
  /** Executables that print further variables (buildpack.md, "Exec.d"); absolute paths. */
  readonly execD: readonly string[];
  readonly execDByProcess: Readonly<Record<string, readonly string[]>>;
}

/** Reads what a launch layer says about the environment: bin, lib, env, env.launch and exec.d. */
export function readLaunchEnvironment(folder: string): LaunchEnvironment {
  const forLaunch = join(folder, "env.launch");
  const processes = foldersIn(forLaunch);
  const execD = join(folder, "exec.d");
  return {
    paths: layerPathChanges(folder, "launch", (name) => existsSync(join(folder, name))),
    changes: [...parseEnvFiles(readEnvFolder(join(folder, "env"))), ...parseEnvFiles(readEnvFolder(forLaunch))],
    byProcess: Object.fromEntries(processes.map((type) => [type, parseEnvFiles(readEnvFolder(join(forLaunch, type)))])),
    execD: filesIn(execD),
    execDByProcess: Object.fromEntries(foldersIn(execD).map((type) => [type, filesIn(join(execD, type))])),
  };
}

/**
 * Writes the launcher (platform.md, "launcher") of one image: a POSIX shell script in which everything that the build
 * decided is spelled out, so that starting a process costs one shell and no look at the file system.
 * `environments` holds the launch layers of each buildpack, in the order of the build.
 */
export function formatLauncher(
  processes: readonly ProcessRecord[],
  environments: readonly (readonly LaunchEnvironment[])[],
  appDir: string,
): string {
  const lines = [
    "#!/bin/sh",
    "# Starts a process of this image with the environment that its buildpacks asked for.",
    'case "$PATH" in /cnb/process:*) PATH="${PATH#/cnb/process:}" ;; esac',
    "unset CNB_APP_DIR CNB_LAYERS_DIR CNB_PROCESS_TYPE",
    ...execDFunction(environments.flat()),
    ...environments.flatMap((layers) => [
      ...layers.flatMap(({ paths }) => paths.flatMap(changeLines)),
      ...layers.flatMap(({ changes }) => changes.flatMap(changeLines)),
    ]),
    `cd ${quote(appDir)} || exit 80`,
    ...environments.flat().flatMap(({ execD }) => execD.map(execDLine)),
    'case "${0##*/}" in',
    ...processes.flatMap((process) => processLines(process, environments.flat())),
    "esac",
    'if [ "$1" = "--" ]; then shift; exec "$@"; fi',
    '[ "$#" -gt 0 ] || { echo "ERROR: no process to start was given" >&2; exit 82; }',
    'exec /bin/sh -c "$*"',
  ];
  return `${lines.join("\n")}\n`;
}

function processLines(process: ProcessRecord, layers: readonly LaunchEnvironment[]): string[] {
  const { type, command, args, direct } = process;
  const workingDir = process["working-dir"];
  const start = direct
    ? [`[ "$#" -gt 0 ] || set -- ${args.map(quote).join(" ")}`.trimEnd(), `exec ${command.map(quote).join(" ")} "$@"`]
    : [`exec /bin/sh -c ${quote(`${[...command, ...args.map(quote)].join(" ")} "$@"`)} sh "$@"`];
  return [
    `${type})`,
    ...layers.flatMap(({ byProcess }) => (byProcess[type] ?? []).flatMap(changeLines)),
    ...layers.flatMap(({ execDByProcess }) => (execDByProcess[type] ?? []).map(execDLine)),
    ...(workingDir ? [`cd ${quote(workingDir)} || exit 80`] : []),
    ...start,
    ";;",
  ];
}

function changeLines({ name, action, value, delimiter }: EnvChange): string[] {
  // A shell cannot hold variables with other names.
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return [];
  const set = `export ${name}=${quote(value)}`;
  if (action === "override") return [set];
  if (action === "default") return [`[ -n "$${name}" ] || ${set}`];
  const joined =
    action === "prepend"
      ? `export ${name}=${quote(value + delimiter)}"$${name}"`
      : `export ${name}="$${name}"${quote(delimiter + value)}`;
  return [`if [ -n "$${name}" ]; then ${joined}; else ${set}; fi`];
}

function execDLine(path: string): string {
  return `exec_d ${quote(path)}`;
}

/** Reads NAME = "VALUE" lines from descriptor 3 of an executable and exports them. */
function execDFunction(layers: readonly LaunchEnvironment[]): string[] {
  const isUsed = layers.some(({ execD, execDByProcess }) => execD.length + Object.keys(execDByProcess).length > 0);
  if (!isUsed) return [];
  return [
    "exec_d() {",
    '  { exec_d_output=$("$1" 3>&1 1>&4) || exit 80; } 4>&1',
    "  while IFS= read -r exec_d_line; do",
    '    case "$exec_d_line" in *=*) ;; *) continue ;; esac',
    `    exec_d_name=$(printf '%s' "\${exec_d_line%%=*}" | tr -d ' \\t"')`,
    `    exec_d_value=$(printf '%s' "\${exec_d_line#*=}" | sed -e 's/^[[:space:]]*"//' -e 's/"[[:space:]]*$//' -e 's/\\\\"/"/g')`,
    `    export "$exec_d_name=$(printf '%b' "$exec_d_value")"`,
    "  done <<EXEC_D_END",
    "$exec_d_output",
    "EXEC_D_END",
    "}",
  ];
}

function quote(text: string): string {
  return /^[A-Za-z0-9_/.:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => statSync(join(folder, name)).isDirectory())
    .sort();
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .sort();
}
