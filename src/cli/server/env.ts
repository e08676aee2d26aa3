import { execFileSync } from "node:child_process";
import { Command } from "commander";
import type { RawSettings } from "../../platform/config/env.ts";
import { CliError } from "../cli-error.ts";
import { shellQuoted } from "../command-line.ts";
import { overrideVariables, proxyProperties, proxyVariables } from "./client-settings.ts";
import { dataDirOf, withSettings } from "./options.ts";
import { requireServer } from "./running-server.ts";

interface EnvOptions extends RawSettings {
  readonly project: string;
  readonly region: string;
  readonly overrides?: boolean;
  readonly write?: boolean | string;
}

/** homerun env: what gcloud and the client libraries need to reach the server, as shell exports or a gcloud configuration. */
export function envCommand(): Command {
  const command = new Command("env")
    .description('Print the variables that point gcloud and client libraries at the server: eval "$(homerun env)"')
    .option("--project <id>", "project id; any one works", "homerun-local")
    .option("--region <region>", "default region", "us-central1")
    .option("--overrides", "endpoint overrides over plain HTTP instead of the proxy")
    .option("--write [configuration]", 'make and activate a gcloud configuration (default name "homerun")');
  return withSettings(command, ["dataDir"]).action(async (options: EnvOptions) => {
    const state = await requireServer(dataDirOf(options));
    if (options.write !== undefined) {
      writeConfiguration(options.write === true ? "homerun" : String(options.write), proxyProperties(state, options));
      return;
    }
    const variables = options.overrides ? overrideVariables(state, options) : proxyVariables(state, options);
    for (const [name, value] of Object.entries(variables)) console.log(`export ${name}=${shellQuoted(value)}`);
  });
}

function writeConfiguration(name: string, properties: Readonly<Record<string, string>>): void {
  const gcloud = (...args: string[]) => execFileSync("gcloud", args, { stdio: ["ignore", "ignore", "pipe"] });
  try {
    gcloud("config", "configurations", "create", name, "--no-activate");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") throw new CliError("gcloud is not on the PATH");
    // It exists from an earlier time; its properties are set anew below.
  }
  for (const [property, value] of Object.entries(properties)) {
    gcloud("config", "set", property, value, `--configuration=${name}`, "--quiet");
  }
  gcloud("config", "configurations", "activate", name);
  console.log(
    `gcloud uses the configuration "${name}" now; go back with: gcloud config configurations activate default`,
  );
  for (const [property, value] of Object.entries(properties)) {
    const variable = `CLOUDSDK_${property.replace("/", "_").toUpperCase()}`;
    if ((process.env[variable] ?? value) === value) continue;
    console.error(`homerun: gcloud takes ${variable} of this shell before the configuration; unset it`);
  }
}
