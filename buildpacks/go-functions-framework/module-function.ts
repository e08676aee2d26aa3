import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext } from "../lib/context.ts";
import { BuildpackError, userError } from "../lib/error.ts";
import { isOlderThan, requireWritable } from "../lib/go/go-mod.ts";
import { goVariables } from "../lib/go/variables.ts";
import { addFrameworkLabel, APP_MODULE, framework, type FunctionSource, requireInjectionAllowed } from "./framework.ts";
import { mainProgram } from "./main-program.ts";

/** Makes a program of a function with a go.mod: a main package inside its module. */
export async function buildModuleFunction(context: BuildContext, source: FunctionSource): Promise<void> {
  requireWritable(join(source.folder, "go.mod"));
  const layer = context.layer("gopath");
  layer.create();
  context.env["GOPATH"] = layer.path;
  const isVendored = existsSync(join(source.folder, "vendor"));
  const buildable = await (isVendored ? addToVendored : addToModule)(context, source);
  layer.setEnv("build", "GOPATH", layer.path);
  layer.setEnv("build", goVariables.buildDir, source.folder);
  layer.setEnv("build", goVariables.buildable, buildable);
  layer.save(["build"]);
}

async function addToModule(context: BuildContext, source: FunctionSource): Promise<string> {
  const tidy = async (): Promise<void> => {
    await context.exec(["go", "mod", "tidy"], { user: true, cwd: source.folder });
  };
  if (!existsSync(join(source.folder, "go.sum"))) {
    context.log('go.sum not found, generating using "go mod tidy"');
    await tidy();
  }
  const modulePath = await modulePathOf(context, source);
  const requested = await requestedFramework(context, source);
  if (requested === "") {
    requireInjectionAllowed(context);
    const requirement = `${framework.module}@${framework.version}`;
    await context.exec(["go", "mod", "edit", "-require", requirement], { user: true, cwd: source.folder });
  }
  const version = requested || framework.version;
  addFrameworkLabel(context, version, requested === "");
  const folder = join(source.folder, APP_MODULE);
  writeProgram(folder, mainProgram(source, modulePath, version));
  // What the program imports may be missing in go.mod and go.sum.
  await tidy();
  return folder;
}

/** Google: nothing is added to a vendor folder, where it would be likely to clash with what is there. */
async function addToVendored(context: BuildContext, source: FunctionSource): Promise<string> {
  const modulePath = await modulePathOf(context, source);
  const version = await requestedFramework(context, source);
  if (version === "" || !existsSync(join(source.folder, "vendor", framework.server))) {
    throw userError(
      `vendored dependencies must include "${framework.module}"; if your function does not depend on the module, please add a blank import: \`_ "${framework.server}"\``,
    );
  }
  addFrameworkLabel(context, version, false);
  const text = mainProgram(source, modulePath, version);
  // Newer ones find no package in the vendor folder that its list does not have.
  if (!(await isOlderThan(context, 23, source.folder))) {
    const folder = join(source.folder, APP_MODULE);
    writeProgram(folder, text);
    return folder;
  }
  writeProgram(join(source.folder, "vendor", APP_MODULE), text);
  return APP_MODULE;
}

async function modulePathOf(context: BuildContext, source: FunctionSource): Promise<string> {
  const { stdout } = await context.exec(["go", "list", "-m"], { user: true, cwd: source.folder });
  if (!stdout.split("/")[0]!.includes(".")) {
    throw userError(
      `the module path in the function's go.mod must contain a dot in the first path element before a slash, e.g. example.com/module, found: ${stdout}`,
    );
  }
  return stdout;
}

/** The version of the framework that go.mod asks for, "" when it asks for none. */
async function requestedFramework(context: BuildContext, source: FunctionSource): Promise<string> {
  const command = ["go", "list", "-m", "-f", "{{.Version}}", framework.module];
  try {
    const { stdout } = await context.exec(command, { cwd: source.folder });
    context.log(`Found framework version ${stdout}`);
    return stdout;
  } catch (error) {
    if (!(error instanceof BuildpackError)) throw error;
    if (error.message.includes("not a known dependency")) {
      context.log("functions-framework not specified in go.mod, using default");
    } else if (error.message.includes("can't resolve module using the vendor directory")) {
      context.log("functions-framework not found in vendor directory, using default");
    }
    return "";
  }
}

function writeProgram(folder: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "main.go"), text);
}
