import { join } from "node:path";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { requireWritable, supportsAutoVendor } from "../lib/go/go-mod.ts";
import { goVariables } from "../lib/go/variables.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.go.gomod: downloads the modules that go.mod lists. */
export const run: Program = buildpackProgram({ detect, build });

function detect(context: DetectContext): Detected {
  return context.fileExists("go.mod") ? optIn("found go.mod") : optOut("go.mod not found");
}

async function build(context: BuildContext): Promise<void> {
  context.isRepeatable();
  const layer = context.layer("gopath");
  layer.create();
  layer.setEnv("build", "GOPATH", layer.path);
  layer.setEnv("build", "GO111MODULE", "on");
  // All modules are downloaded here, none while compiling.
  layer.setEnv("build", "GOPROXY", "off");
  layer.save(["build"]);
  const goMod = context.readFile("go.mod") ?? "";
  if (context.fileExists("vendor")) {
    if (supportsAutoVendor(goMod)) {
      context.log("Not downloading modules because there's a `vendor` directory");
      return;
    }
    context.warn(
      'Ignoring "vendor" directory: To use vendor directory, the Go runtime must be 1.14+ and go.mod must contain a "go 1.14"+ entry. See https://cloud.google.com/appengine/docs/standard/go/specifying-dependencies#vendoring_dependencies.',
    );
  }
  requireWritable(join(context.appDir, "go.mod"));
  const env = { GOPATH: layer.path, GO111MODULE: "on" };
  const cwd = context.env[goVariables.buildDir] ?? context.appDir;
  if (!context.fileExists("go.sum")) {
    context.log('go.sum not found, generating using "go mod tidy"');
    await context.exec(["go", "mod", "tidy"], { user: true, env, cwd });
  }
  await context.exec(["go", "mod", "download"], { user: true, env });
}
