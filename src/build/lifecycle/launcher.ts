import type { EnvChange } from "./environment.ts";
import type { LaunchEnvironment } from "./launch-environment.ts";
import type { LaunchProcess } from "./launch-metadata.ts";
import { execDFunction, inShellFunction, quote } from "./launcher-functions.ts";

/**
 * Writes the launcher (platform.md, "launcher") of one image: a POSIX shell script in which everything that the build
 * decided is spelled out, so that starting a process costs one shell and no look at the file system.
 * `environments` holds the launch layers of each buildpack, in the order of the build.
 */
export function formatLauncher(
  processes: readonly LaunchProcess[],
  environments: readonly (readonly LaunchEnvironment[])[],
  appDir: string,
): string {
  const layers = environments.flat();
  const types = processes.map(({ type }) => type);
  const lines = [
    "#!/bin/sh",
    "# Starts a process of this image with the environment that its buildpacks asked for.",
    'case "$PATH" in /cnb/process:*) PATH="${PATH#/cnb/process:}" ;; esac',
    "unset CNB_APP_DIR CNB_LAYERS_DIR CNB_PROCESS_TYPE",
    ...(layers.some(hasExecD) ? execDFunction : []),
    ...inShellFunction,
    `cd ${quote(appDir)} || exit 80`,
    ...environments.flatMap((ofBuildpack) => environmentLines(ofBuildpack, types)),
    ...layers.flatMap(({ execD }) => execD.map(execDLine)),
    ...layers.flatMap(({ execDByProcess }) => perProcess(execDByProcess, types, execDLine)),
    `profile=${quote(profileScript(layers.flatMap(({ profileD }) => profileD ?? [])))}`,
    ...layers.flatMap(({ profileDByProcess }) => perProcess(profileDByProcess ?? {}, types, profileLine)),
    "profile=$profile'if [ -f ./.profile ]; then . ./.profile; fi\n'",
    'case "${0##*/}" in',
    ...processes.flatMap((process) => processLines(process, appDir)),
    "esac",
    'if [ "$1" = "--" ] && [ "$#" -gt 1 ]; then shift; run "$@"; fi',
    '[ "$#" -gt 0 ] || { echo "ERROR: no process to start was given" >&2; exit 82; }',
    'in_shell "$profile" "$@"',
  ];
  return `${lines.join("\n")}\n`;
}

/** Search paths of all layers of a buildpack first, then each layer's variables, with those of the process behind them. */
function environmentLines(layers: readonly LaunchEnvironment[], types: readonly string[]): string[] {
  return [
    ...layers.flatMap(({ paths }) => paths.flatMap(changeLines)),
    ...layers.flatMap(({ changes, byProcess }) => [
      ...changes.flatMap(changeLines),
      ...perProcess(byProcess, types, changeLines),
    ]),
  ];
}

/** Lines that only run when the process of that type is started. */
function perProcess<Item>(
  items: Readonly<Record<string, readonly Item[]>>,
  types: readonly string[],
  linesOf: (item: Item) => string[],
): string[] {
  const cases = types.flatMap((type) => {
    const lines = (items[type] ?? []).flatMap(linesOf);
    return lines.length > 0 ? [`${type})`, ...lines, ";;"] : [];
  });
  return cases.length > 0 ? ['case "${0##*/}" in', ...cases, "esac"] : [];
}

function processLines(process: LaunchProcess, appDir: string): string[] {
  const { type, command, args, direct, replacesArgs } = process;
  const workingDir = process["working-dir"] ?? appDir;
  const given = args.map(quote).join(" ");
  const set = replacesArgs ? `[ "$#" -gt 0 ] || set -- ${given}` : `set -- ${given} "$@"`;
  const start = direct
    ? [`cd ${quote(workingDir)} || exit 82`, `run ${command.map(quote).join(" ")} "$@"`]
    : [`in_shell "$profile"${quote(`cd ${quote(workingDir)}\n`)} ${quote(command.join(" "))} "$@"`];
  return [`${type})`, ...execEnvLines(process), ...(args.length > 0 ? [set] : []), ...start, ";;"];
}

/** platform.md, "launcher": a process for other execution environments is not started. */
function execEnvLines({ type, "exec-env": execEnvs }: LaunchProcess): string[] {
  if (execEnvs.includes("*")) return [];
  const patterns = execEnvs.map(quote).join("|");
  const refusal = `ERROR: the process ${type} is not for this execution environment`;
  return [`case "\${CNB_EXEC_ENV:-production}" in ${patterns}) ;; *) echo ${quote(refusal)} >&2; exit 82 ;; esac`];
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

function hasExecD({ execD, execDByProcess }: LaunchEnvironment): boolean {
  return execD.length + Object.keys(execDByProcess).length > 0;
}

function execDLine(path: string): string[] {
  return [`exec_d ${quote(path)}`];
}

function profileScript(paths: readonly string[]): string {
  return paths.map((path) => `. ${quote(path)}\n`).join("");
}

function profileLine(path: string): string[] {
  return [`profile=$profile${quote(profileScript([path]))}`];
}
