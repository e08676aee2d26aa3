import type { BuildContext, DetectContext, Process } from "../lib/context.ts";
import { userError } from "../lib/error.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.config.entrypoint: the start command by GOOGLE_ENTRYPOINT or a Procfile. */
export const run: Program = buildpackProgram({ detect, build });

const ENTRYPOINT = "GOOGLE_ENTRYPOINT";

function detect(context: DetectContext): Detected {
  if (isFunctionsPlatform(context)) return optIn('X_GOOGLE_TARGET_PLATFORM set to "gcf"');
  const entrypoint = context.env[ENTRYPOINT];
  if (entrypoint) return optIn(`${ENTRYPOINT} set to "${entrypoint}"`);
  if (context.fileExists("Procfile")) return optIn("found Procfile");
  return optOut(`${ENTRYPOINT} not set, no valid entrypoint in app.yaml and Procfile not found`);
}

function build(context: BuildContext): void {
  context.isRepeatable();
  // The framework starts functions.
  if (isFunctionsPlatform(context)) return;
  const entrypoint = context.env[ENTRYPOINT];
  if (entrypoint) {
    context.addWebProcess(shellProcess(entrypoint));
    context.log(`Using entrypoint from environment variable ${ENTRYPOINT}: ${entrypoint}`);
    return;
  }
  addProcfileProcesses(context, parseProcfile(context, context.readFile("Procfile") ?? ""));
}

function isFunctionsPlatform(context: DetectContext): boolean {
  return context.env["X_GOOGLE_TARGET_PLATFORM"] === "gcf";
}

function addProcfileProcesses(context: BuildContext, processes: ReadonlyMap<string, string>): void {
  const web = processes.get("web");
  if (web === undefined) {
    throw userError(`web process not found in Procfile, found processes: [${[...processes.keys()].join(" ")}]`);
  }
  for (const [name, command] of processes) if (name !== "web") context.addProcess(name, shellProcess(command));
  context.log(`Using entrypoint from Procfile: ${web}`);
  context.addWebProcess(shellProcess(web));
}

/** Of processes with the same name, the first counts. Google: buildpacks, pkg/entrypoint/procfile.go. */
function parseProcfile(context: BuildContext, content: string): ReadonlyMap<string, string> {
  const processes = new Map<string, string>();
  for (const [, name = "", command = ""] of content.matchAll(/^(\w+):[^\S\n]*(\S.*)$/gm)) {
    if (processes.has(name)) context.warn(`Skipping duplicate ${name} process: ${command.trim()}`);
    else processes.set(name, command.trim());
  }
  if (processes.size === 0) throw userError("did not find any processes in Procfile");
  return processes;
}

function shellProcess(command: string): Process {
  return { command: ["bash", "-c", command] };
}
