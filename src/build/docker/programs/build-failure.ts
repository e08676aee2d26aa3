/** How `docker build` ends when it fails. */
export interface BuildFailure {
  readonly message: string;
  readonly exitCode: number;
}

/** What docker says, and its exit code, for podman's last line of a failed build. */
// Docker: builder/dockerfile/dispatchers.go, copy.go, evaluator.go.
export function buildFailure(error: string, instruction: string, dockerfile: string | undefined): BuildFailure {
  const run = /^Error: building at STEP ".*": (?:while running runtime: )?exit status (\d+)$/s.exec(error);
  if (run) {
    const exitCode = Number(run[1]);
    return { message: `The command '${shown(instruction)}' returned a non-zero code: ${exitCode}`, exitCode };
  }
  return { message: fromDaemon(error, instruction, dockerfile), exitCode: 1 };
}

function fromDaemon(error: string, instruction: string, dockerfile: string | undefined): string {
  const unknown = /Unknown instruction: "([^"]+)"/i.exec(error)?.[1];
  if (unknown !== undefined)
    return daemon(`dockerfile parse error${lineOf(unknown, dockerfile)}: unknown instruction: ${unknown}`);
  if (/no FROM statement found/.test(error)) return daemon("no build stage in current context");
  if (error.startsWith("Error: no contents in ")) return daemon("the Dockerfile (Dockerfile) cannot be empty");
  const outside = /^Error: building at STEP "(COPY|ADD) .*possible escaping context directory/s.exec(error)?.[1];
  if (outside !== undefined)
    return `${outside} failed: forbidden path outside the build context: ${sourceOf(instruction)} ()`;
  const missing =
    /^Error: building at STEP "(COPY|ADD) .*copier: (?:stat|get: l?stat): "\/?([^"]*)".*no such file/s.exec(error);
  if (missing) {
    const [, command, path] = missing;
    return `${command} failed: file not found in build context or excluded by .dockerignore: stat ${path}: file does not exist`;
  }
  return daemon(withoutInternals(error));
}

function daemon(message: string): string {
  return `Error response from daemon: ${message}`;
}

/** podman repeats its own data structures in some messages. */
function withoutInternals(error: string): string {
  return error
    .replace(/^Error: /, "")
    .replace(/error during bulk transfer for copier\.request\{.*\}: /s, "")
    .replace(/ &imagebuilder\.Step\{.*$/s, "")
    .replace(/^creating build container: /, "");
}

/** The command of a RUN as docker repeats it: words of the exec form joined, or the shell before the shell form. */
function shown(instruction: string): string {
  const command = instruction.replace(/^RUN\s+(--\S+\s+)*/i, "");
  try {
    const words: unknown = JSON.parse(command);
    if (Array.isArray(words)) return words.join(" ");
  } catch {
    // The shell form.
  }
  return `/bin/sh -c ${command}`;
}

function sourceOf(instruction: string): string {
  const words = instruction.split(/\s+/).slice(1);
  return words.find((word) => word.split("/").includes("..")) ?? words[0] ?? "";
}

function lineOf(instruction: string, dockerfile: string | undefined): string {
  const lines = dockerfile?.split("\n") ?? [];
  const at = lines.findIndex((line) => line.trim().split(/\s/)[0]?.toUpperCase() === instruction.toUpperCase());
  return at < 0 ? "" : ` line ${at + 1}`;
}
