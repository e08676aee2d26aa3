import { cpSync, existsSync, mkdirSync, mkdtempDisposableSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuildContext } from "../lib/context.ts";
import { goVariables } from "../lib/go/variables.ts";
import { addFrameworkLabel, APP_MODULE, framework, type FunctionSource, requireInjectionAllowed } from "./framework.ts";
import { mainProgram } from "./main-program.ts";

/** What go.mod would say of a framework in a vendor folder. Google: buildpacks, createMainVendored. */
const UNKNOWN_VERSION = "v0.0.0";

/**
 * Makes a program of a function without go.mod, as it was written for the first versions of Go: the application's folder
 * becomes GOPATH, with the function as one package and the program as another.
 */
export async function buildGopathFunction(context: BuildContext, source: FunctionSource): Promise<void> {
  const gopath = context.appDir;
  const sources = join(gopath, "src");
  const main = join(sources, APP_MODULE, "main");
  mkdirSync(main, { recursive: true });
  const functionFolder = join(sources, source.packageName);
  renameSync(source.folder, functionFolder);
  const vendor = join(functionFolder, "vendor");
  const isVendored = existsSync(join(vendor, framework.server));
  if (isVendored) {
    context.log("Found function with vendored dependencies including functions-framework");
    cpSync(vendor, join(main, "vendor"), { recursive: true });
  } else {
    context.log("Found function with vendored dependencies excluding functions-framework");
    requireInjectionAllowed(context);
    context.warn(
      `Your vendored dependencies don't contain the functions-framework (${framework.server}) so a version will be auto-injected. Versioning conflicts might cause unexpected issues or crashes with your function. Fix this by adding a dependency on functions-framework (${framework.server}) and vendoring again.`,
    );
    await vendorFramework(context, sources);
  }
  const version = isVendored ? UNKNOWN_VERSION : framework.version;
  addFrameworkLabel(context, version, !isVendored);
  writeFileSync(join(main, "main.go"), mainProgram(source, source.packageName, version));
  const layer = context.layer("gopath");
  layer.create();
  layer.setEnv("build", "GOPATH", gopath);
  layer.setEnv("build", "GO111MODULE", "auto");
  layer.setEnv("build", goVariables.buildable, `${APP_MODULE}/main`);
  layer.save(["build"]);
}

/** Puts the framework and what it needs, in the versions that it was made with, among the packages of GOPATH. */
async function vendorFramework(context: BuildContext, sources: string): Promise<void> {
  using scratch = mkdtempDisposableSync(join(tmpdir(), "ffdeps-"));
  cpSync(join(context.buildpackDir, "framework"), scratch.path, { recursive: true });
  const requirement = `${framework.module}@${framework.version}`;
  for (const command of [["edit", "-require", requirement], ["tidy"], ["vendor"]]) {
    await context.exec(["go", "mod", ...command], { user: true, cwd: scratch.path });
  }
  cpSync(join(scratch.path, "vendor"), sources, { recursive: true });
}
