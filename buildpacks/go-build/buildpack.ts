import { join, relative } from "node:path";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { BuildpackError } from "../lib/error.ts";
import { hasGoFiles } from "../lib/go/go-files.ts";
import { trimCaches } from "../lib/go/trim-caches.ts";
import { goVariables } from "../lib/go/variables.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.go.build: compiles the application into one program, which the image starts. */
export const run: Program = buildpackProgram({ detect, build });

/** Name of the program. Google: buildpacks, pkg/golang, OutBin. */
const PROGRAM = "main";
const NOTHING_TO_BUILD = /no Go files in|cannot find module/;

function detect(context: DetectContext): Detected {
  return hasGoFiles(context.appDir) ? optIn("found .go files") : optOut("no .go files found");
}

async function build(context: BuildContext): Promise<void> {
  context.isRepeatable();
  const cache = buildCache(context);
  const layer = context.layer("bin");
  layer.clear();
  const program = join(layer.path, PROGRAM);
  const buildable = context.env[goVariables.buildable] ?? (await findBuildable(context));
  const cwd = context.env[goVariables.buildDir] ?? context.appDir;
  // The paths of the build stay out of the program: the same source gives the same bytes.
  const command = ["go", "build", "-trimpath", ...flags(context), "-o", program, buildable];
  try {
    await context.exec(command, { user: true, env: { GOCACHE: cache }, cwd });
  } catch (error) {
    if (error instanceof BuildpackError && NOTHING_TO_BUILD.test(error.message)) {
      context.log(`Tip: "${goVariables.buildable}" env var configures which Go package is built. Default is '.'`);
    }
    throw error;
  }
  layer.setEnv("launch", "PATH", layer.path, { action: "prepend", delimiter: ":" });
  layer.save(["launch"]);
  context.addWebProcess({ command: [program] });
  await trimCaches(context, Date.now());
}

/** The project's cache of compiled packages where the platform has one. */
function buildCache(context: BuildContext): string {
  const shared = context.env["GOCACHE"];
  if (shared) return shared;
  const layer = context.layer("gocache");
  layer.create();
  layer.save(["build"]);
  return layer.path;
}

function flags(context: BuildContext): string[] {
  const { [goVariables.compilerFlags]: compiler, [goVariables.linkerFlags]: linker } = context.env;
  return [...(compiler ? ["-gcflags", compiler] : []), ...(linker ? ["-ldflags", linker] : [])];
}

/** The only main package there is; "." where there is none or more than one. Google: buildpacks, cmd/go/build, goBuildable. */
async function findBuildable(context: BuildContext): Promise<string> {
  const template = '{{if eq .Name "main"}}{{.Dir}}{{end}}';
  const { stdout } = await context.exec(["go", "list", "-f", template, "./..."], { user: true });
  const [only, ...others] = stdout.split("\n").filter((line) => line.startsWith("/"));
  if (only === undefined || others.length > 0) return ".";
  const path = relative(context.appDir, only);
  return path === "" ? "." : path.startsWith("..") ? path : `./${path}`;
}
