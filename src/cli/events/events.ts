import { Command } from "commander";
import { listCommand } from "./list.ts";
import { replayCommand } from "./replay.ts";
import { showCommand } from "./show.ts";

/** homerun events: what was delivered to functions, services and other endpoints, and how. */
export function eventsCommand(): Command {
  return new Command("events")
    .description("See what events were delivered and how, and send them again.")
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(replayCommand());
}
