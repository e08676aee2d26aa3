import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildCommand, type BuildCommand } from "./build-command.ts";
import { buildFailure } from "./build-failure.ts";
import { createBuildOutput } from "./build-output.ts";
import { askPodman, followPodman, PodmanError, print, runPodman } from "./podman.ts";
import { pushImages } from "./push-command.ts";
import { runCommand } from "./run-command.ts";
import { UsageError } from "./usage-error.ts";

/** Commands that podman has under the same name and with the same flags. */
const SAME =
  words(`attach commit container cp diff events exec export history image images import info inspect kill logs
  manifest pause port ps pull rename restart rmi save load search start stats stop system tag top unpause update
  version volume wait --version --help help`);
/** Where `docker login` keeps its credentials, for later steps too. */
const AUTH_FILE = join(process.env["HOME"] ?? "/root", ".docker", "config.json");

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof UsageError || error instanceof PodmanError)) throw error;
  console.error(error.message);
  return error instanceof UsageError ? 125 : 1;
});

/** The `docker` command of build steps: docker's command line and words on podman, which needs no daemon. */
async function main([command = "--help", ...args]: string[]): Promise<number> {
  switch (command) {
    case "build":
      return build(args);
    case "buildx":
    case "builder":
      return buildx(command, args);
    case "run":
    case "create":
      return runPodman(runCommand(command, args));
    case "push":
      return pushImages(args);
    case "login":
      return runPodman(["login", "--compat-auth-file", AUTH_FILE, ...args]);
    case "logout":
      return logout(args);
    case "rm":
      return runPodman(["rm", ...withoutGrace(args)]);
    case "image":
    case "container":
      return part(command, args);
    default:
      if (SAME.includes(command)) return runPodman([command, ...args]);
      throw new UsageError(`docker: '${command}' is not a docker command that builds support.`);
  }
}

async function logout(args: readonly string[]): Promise<number> {
  if (existsSync(AUTH_FILE)) return runPodman(["logout", "--compat-auth-file", AUTH_FILE, ...args]);
  await print(`Not logged in to ${args[0] ?? "docker.io"}`);
  return 0;
}

/** Docker kills at once what it is forced to remove; podman asks it to end first. */
function withoutGrace(args: readonly string[]): readonly string[] {
  return args.some((arg) => /^(-[a-z]*f[a-z]*|--force(=true)?)$/.test(arg)) ? ["--time", "0", ...args] : args;
}

/** `docker image build`, `docker container run` and the like. */
async function part(command: string, [first = "--help", ...args]: string[]): Promise<number> {
  if (["build", "push", "run", "create", "rm"].includes(first) && `${command} ${first}` !== "image rm")
    return main([first, ...args]);
  return runPodman([command, first === "ls" ? "list" : first, ...args]);
}

/** There is one builder, and it is always there. */
async function buildx(command: string, [first = "", ...args]: string[]): Promise<number> {
  if (first === "build") return build(args);
  if (first === "prune") return runPodman(["image", "prune", ...args]);
  if (first === "create" || first === "use") {
    await print("default");
    return 0;
  }
  throw new UsageError(`docker ${command} ${first} is not supported: builds have one builder, which is always there`);
}

async function build(args: readonly string[]): Promise<number> {
  const command = buildCommand(args, process.env);
  checkContext(command);
  for (const note of command.notes) console.error(note);
  const code = command.quiet ? await buildQuietly(command) : await buildAloud(command);
  return code === 0 && command.push.length > 0 ? pushImages(command.push) : code;
}

async function buildAloud({ args, file }: BuildCommand): Promise<number> {
  const output = createBuildOutput();
  const code = await followPodman(args, async (line) => {
    for (const each of output.line(line)) await print(each);
  });
  const { lines, error } = output.end();
  for (const line of lines) await print(line);
  return error === undefined ? code : fail(error, output.instruction, file);
}

async function buildQuietly({ args, file }: BuildCommand): Promise<number> {
  try {
    const id = (await askPodman(args)).trim().split("\n").at(-1)!;
    await print(/^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id);
    return 0;
  } catch (error) {
    if (!(error instanceof PodmanError)) throw error;
    const lines = error.message.split("\n");
    const said = lines.findLast((line) => line.startsWith("Error: ")) ?? error.message;
    return fail(said, /at STEP "(.*?)": /.exec(said)?.[1] ?? "", file);
  }
}

function fail(error: string, instruction: string, file: string | undefined): number {
  const { message, exitCode } = buildFailure(error, instruction, file === undefined ? undefined : readIfThere(file));
  console.error(message);
  return exitCode;
}

/** Docker: cli/command/image/build/context.go. */
function checkContext({ context, file }: BuildCommand): void {
  if (context === undefined || file === undefined) return;
  const isFolder = statSync(context, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isFolder) throw new PodmanError(`unable to prepare context: path "${context}" not found`);
  if (existsSync(file)) return;
  const path = file.startsWith("/") ? file : join(realpathSync("."), file);
  throw new PodmanError(
    `unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat ${path}: no such file or directory`,
  );
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
