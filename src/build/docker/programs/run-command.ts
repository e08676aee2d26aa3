import { type FlagTable, readFlags } from "./flags.ts";
import { UsageError } from "./usage-error.ts";

const SWITCHES = `disable-content-trust init no-healthcheck oom-kill-disable privileged publish-all:P quiet:q read-only rm
  sig-proxy detach:d interactive:i tty:t`;
const VALUES = `add-host annotation attach:a cap-add cap-drop cidfile cpu-shares:c cpus device dns dns-option dns-search
  entrypoint env:e env-file expose group-add health-cmd health-interval health-retries health-start-period
  health-timeout hostname:h ip ipc label:l label-file link log-driver log-opt mac-address memory:m memory-swap mount
  name network net network-alias pid pids-limit platform publish:p pull restart runtime security-opt shm-size
  stop-signal stop-timeout sysctl tmpfs ulimit user:u userns uts volume:v volumes-from workdir:w`;
const FLAGS: FlagTable = Object.fromEntries([...table(SWITCHES, "switch"), ...table(VALUES, "value")]);
/** Limits that a container cannot have apart from its step's, and flags of Docker that change nothing here. */
const WITHOUT_EFFECT = new Set(
  `cpu-shares cpus disable-content-trust link memory memory-swap network-alias
  oom-kill-disable pids-limit restart runtime`.split(/\s+/),
);
/** Containers share the network of their step, which Docker calls by any of these names. */
const STEP_NETWORKS = new Set(["default", "bridge", "host", "cloudbuild"]);

/** Arguments of podman for `docker run` and `docker create`; throws a UsageError for what is not supported. */
export function runCommand(command: "run" | "create", args: readonly string[]): string[] {
  const { flags, rest } = readFlags(args, FLAGS, false);
  if (rest.length === 0) throw new UsageError(`"docker ${command}" requires at least 1 argument.`);
  const translated = flags.flatMap(({ name, value }) => {
    if (WITHOUT_EFFECT.has(name)) return [];
    if (name === "network" || name === "net") {
      if (!STEP_NETWORKS.has(value)) throw new UsageError(`network ${value} is not supported`);
      return [];
    }
    return [`--${name}=${value}`];
  });
  return [command, ...translated, ...rest];
}

function table(text: string, kind: "switch" | "value"): [string, FlagTable[string]][] {
  return text.split(/\s+/).map((entry) => {
    const [name = "", short] = entry.split(":");
    return [name, short === undefined ? { kind } : { kind, short }];
  });
}
