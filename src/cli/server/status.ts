import { Command, Option } from "commander";
import type { RawSettings } from "../../platform/config/env.ts";
import { apiUrlOf } from "./running-server.ts";
import { dataDirOf, withSettings } from "./options.ts";
import { readServerState } from "./state-file.ts";

/** homerun status: whether a server runs on a data folder, and where; exit code 3 when none does. */
export function statusCommand(): Command {
  const command = new Command("status")
    .description("Say whether the server runs and where it listens (exit code 3 when it does not).")
    .addOption(new Option("--format <format>").choices(["text", "json"]).default("text"));
  return withSettings(command, ["dataDir"]).action(async (options: RawSettings & { format: string }) => {
    const dataDir = dataDirOf(options);
    const state = await readServerState(dataDir);
    const status = state
      ? {
          running: true,
          dataDir,
          pid: state.pid,
          api: apiUrlOf(state),
          ingress: `http://${state.host}:${state.ingressPort}`,
          caFile: state.caFile,
          startTime: state.startTime,
        }
      : { running: false, dataDir };
    if (!state) process.exitCode = 3;
    const lines = Object.entries(status).map(([key, value]) => `${key.padEnd(10)} ${value}`);
    console.log(options.format === "json" ? JSON.stringify(status, undefined, 2) : lines.join("\n"));
  });
}
