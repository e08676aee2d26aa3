import { Command } from "commander";
import { systemClock } from "../../platform/clock.ts";
import type { RawSettings } from "../../platform/config/env.ts";
import { CliError } from "../cli-error.ts";
import { dataDirOf, withSettings } from "./options.ts";
import { processStartOf, readServerState } from "./state-file.ts";

const POLL_MS = 20;
/** Instances get 10 s to end their requests. */
const STOP_TIMEOUT_MS = 30_000;

/** homerun down: stops the server of a data folder and waits until every container is gone. */
export function downCommand(): Command {
  const command = new Command("down").description("Stop the server and all its containers; the data stays.");
  return withSettings(command, ["dataDir"]).action(async (options: RawSettings) => {
    const dataDir = dataDirOf(options);
    const state = await readServerState(dataDir);
    if (!state) {
      console.log(`no server is running on ${dataDir}`);
      return;
    }
    process.kill(state.pid, "SIGTERM");
    const deadlineMs = systemClock.nowMs() + STOP_TIMEOUT_MS;
    while (processStartOf(state.pid) === state.processStart) {
      if (systemClock.nowMs() > deadlineMs) throw new CliError(`the server (pid ${state.pid}) did not stop in time`);
      await systemClock.sleep(POLL_MS);
    }
    console.log("homerun is stopped");
  });
}
