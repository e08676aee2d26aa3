import { type Command, Option } from "commander";
import { type Config, loadConfig } from "../../platform/config/config.ts";
import { type RawSettings, readEnv, type SettingName, settings } from "../../platform/config/env.ts";

/** Adds an option per setting: each can be given as a flag or as a variable, and the flag wins. */
export function withSettings(command: Command, names: readonly SettingName[]): Command {
  for (const name of names) {
    const { flag, variable, meaning } = settings[name];
    command.addOption(new Option(`${flag} <value>`, `${meaning} (${variable})`));
  }
  return command;
}

/** The checked configuration of flags over variables. Throws ConfigError. */
export function configOf(flags: RawSettings): Config {
  const known = Object.fromEntries(Object.entries(flags).filter(([name]) => name in settings));
  return loadConfig({ ...readEnv(process.env), ...known });
}

/** The data folder that a command about a running server means. */
export function dataDirOf({ dataDir }: Pick<RawSettings, "dataDir">): string {
  return configOf(dataDir === undefined ? {} : { dataDir }).dataDir;
}
