import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { isOlderThan } from "../lib/go/go-mod.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.go.gopath: prepares applications without go.mod, which find packages in GOPATH. */
export const run: Program = buildpackProgram({ detect, build });

function detect(context: DetectContext): Detected {
  return context.fileExists("go.mod") ? optOut("go.mod found") : optIn("go.mod file not found, assuming GOPATH build");
}

async function build(context: BuildContext): Promise<void> {
  context.isRepeatable();
  const layer = context.layer("gopath");
  layer.create();
  layer.setEnv("build", "GOPATH", layer.path);
  layer.setEnv("build", "GO111MODULE", "off");
  layer.save(["build"]);
  if (await isOlderThan(context, 22, context.appDir)) {
    await context.exec(["go", "get", "-d"], { user: true, env: { GOPATH: layer.path, GO111MODULE: "off" } });
    return;
  }
  context.log(
    '"go get" has been skipped as go get is no longer supported outside of a module in the legacy GOPATH mode for go122+',
  );
  if (!context.fileExists("vendor")) return;
  mkdirSync(join(layer.path, "src"), { recursive: true });
  cpSync(join(context.appDir, "vendor"), join(layer.path, "src"), { recursive: true });
}
