import type { BuildContext, DetectContext } from "../lib/context.ts";
import { BuildpackError, internalError, userError } from "../lib/error.ts";
import { hasGoFiles } from "../lib/go/go-files.ts";
import { resolveGoVersion } from "../lib/go/go-version.ts";
import { goVariables } from "../lib/go/variables.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.go.runtime: makes sure that the application is built with the version of Go that it asks for. */
export const run: Program = buildpackProgram({ detect, build });

const LAYER = "go";
/** Where versions are asked for, first to last. Google: buildpacks, pkg/golang, RuntimeVersion. */
const REQUESTS = ["GOOGLE_GO_VERSION", "GOOGLE_RUNTIME_VERSION"];

function detect(context: DetectContext): Detected {
  const runtime = context.env[goVariables.runtime]?.trim().toLowerCase();
  if (runtime) {
    return runtime.startsWith("go")
      ? optIn('GOOGLE_RUNTIME matches "go"')
      : optOut('GOOGLE_RUNTIME does not match to "go"');
  }
  return hasGoFiles(context.appDir) ? optIn("found .go files") : optOut("no .go files found");
}

async function build(context: BuildContext): Promise<void> {
  context.isRepeatable();
  const provided = await providedVersion(context);
  const source = REQUESTS.find((name) => context.env[name]);
  if (source === undefined) {
    context.log(`Go version not specified, using ${provided}`);
    return;
  }
  const requested = context.env[source]!;
  context.log(`Using runtime version from ${source}: ${requested}`);
  const version = await resolveGoVersion(context, requested, provided);
  if (version !== provided) await install(context, version);
}

async function providedVersion(context: BuildContext): Promise<string> {
  try {
    // Of the build image itself, whatever go.mod asks for.
    const { stdout } = await context.exec(["go", "env", "GOVERSION"], { cwd: "/", env: { GOTOOLCHAIN: "local" } });
    return stdout.replace(/^go/, "");
  } catch {
    throw internalError("the build image has no Go; choose a base image of a Go runtime");
  }
}

/** Lets the go command fetch and verify the other toolchain; newer ones that go.mod asks for stay possible. */
async function install(context: BuildContext, version: string): Promise<void> {
  const toolchain = `go${version}`;
  context.log(`Installing Go v${version}.`);
  try {
    await context.exec(["go", "version"], { cwd: "/", env: { GOTOOLCHAIN: toolchain } });
  } catch (error) {
    if (!(error instanceof BuildpackError)) throw error;
    throw userError(`Failed to download Go version ${version}: ${error.message}`);
  }
  const layer = context.layer(LAYER);
  layer.setEnv("build", "GOTOOLCHAIN", `${toolchain}+auto`);
  layer.save(["build"], { version });
}
