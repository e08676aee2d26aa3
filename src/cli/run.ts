import { Command } from "commander";
import { ConfigError } from "../platform/config/env.ts";
import { baseImagesCommand } from "./base-images.ts";
import { clockCommand } from "./clock.ts";
import { CliError } from "./cli-error.ts";
import { eventsCommand } from "./events/events.ts";
import { faultsCommand } from "./events/faults.ts";
import { callCommand } from "./functions/call.ts";
import { deleteCommand } from "./functions/delete.ts";
import { deployCommand } from "./functions/deploy.ts";
import { describeCommand } from "./functions/describe.ts";
import { listCommand } from "./functions/list.ts";
import { logsCommand } from "./functions/logs.ts";
import { demoCommand } from "./demo.ts";
import { downCommand } from "./server/down.ts";
import { envCommand } from "./server/env.ts";
import { keyCommand } from "./server/key.ts";
import { statusCommand } from "./server/status.ts";
import { upCommand } from "./server/up.ts";

/** Runs the command line; sets process.exitCode, and prints what went wrong on stderr in one line. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command("homerun")
    .description("Cloud Run functions on your own machine.")
    .showHelpAfterError()
    .addCommand(upCommand())
    .addCommand(downCommand())
    .addCommand(statusCommand())
    .addCommand(envCommand())
    .addCommand(keyCommand())
    .addCommand(deployCommand())
    .addCommand(listCommand())
    .addCommand(describeCommand())
    .addCommand(callCommand())
    .addCommand(logsCommand())
    .addCommand(deleteCommand())
    .addCommand(eventsCommand())
    .addCommand(faultsCommand())
    .addCommand(baseImagesCommand())
    .addCommand(clockCommand())
    .addCommand(demoCommand());
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof CliError || error instanceof ConfigError) console.error(`homerun: ${error.message}`);
    else throw error;
  }
}
