/** One setting: the variable and the flag that carry it, and what it means to the person who sets it. */
export interface Setting {
  readonly variable: `HOMERUN_${string}`;
  readonly flag: `--${string}`;
  readonly meaning: string;
}

/** Every setting of the server, once. */
export const settings = {
  dataDir: {
    variable: "HOMERUN_DATA_DIR",
    flag: "--data-dir",
    meaning: "folder of everything the server keeps (default: ~/.homerun)",
  },
  host: {
    variable: "HOMERUN_HOST",
    flag: "--host",
    meaning: "address to listen on (default: 127.0.0.1)",
  },
  port: {
    variable: "HOMERUN_PORT",
    flag: "--port",
    meaning: "port of the APIs and the proxy; 0 takes a free one (default: 8484)",
  },
  ingressPort: {
    variable: "HOMERUN_INGRESS_PORT",
    flag: "--ingress-port",
    meaning: "port of function URLs; 0 takes a free one (default: 8485)",
  },
  storeUrl: {
    variable: "HOMERUN_STORE_URL",
    flag: "--store-url",
    meaning: "postgres:// URL of the store (default: an SQLite file in the data folder)",
  },
  logLevel: {
    variable: "HOMERUN_LOG_LEVEL",
    flag: "--log-level",
    meaning: "least severity of the server's own log: DEBUG, INFO, WARNING or ERROR (default: INFO)",
  },
  runtime: {
    variable: "HOMERUN_RUNTIME",
    flag: "--runtime",
    meaning: "path of the OCI runtime (default: crun or runc from the PATH)",
  },
  machineMemory: {
    variable: "HOMERUN_MACHINE_MEMORY",
    flag: "--machine-memory",
    meaning: "memory that instances and builds may use together, for example 8Gi (default: the machine's)",
  },
  machineCpus: {
    variable: "HOMERUN_MACHINE_CPUS",
    flag: "--machine-cpus",
    meaning: "CPUs that instances and builds may use together (default: the machine's)",
  },
  idleTimeout: {
    variable: "HOMERUN_IDLE_TIMEOUT",
    flag: "--idle-timeout",
    meaning: "how long an instance without requests is kept, for example 30s or 15m (default: 15m)",
  },
  stemMemory: {
    variable: "HOMERUN_STEM_MEMORY",
    flag: "--stem-memory",
    meaning: "memory for instances started ahead, for example 512Mi; 0 starts none (default: 256Mi)",
  },
  clock: {
    variable: "HOMERUN_CLOCK",
    flag: "--clock",
    meaning: "the services' time: system, or manual, which tests can advance (default: system)",
  },
  otlpEndpoint: {
    variable: "HOMERUN_OTLP_ENDPOINT",
    flag: "--otlp-endpoint",
    meaning: "URL of an OpenTelemetry collector that gets the traces of requests (default: none)",
  },
  debianMirror: {
    variable: "HOMERUN_DEBIAN_MIRROR",
    flag: "--debian-mirror",
    meaning: "URL of the Debian mirror base images are made from (default: the machine's apt sources)",
  },
  npmRegistry: {
    variable: "HOMERUN_NPM_REGISTRY",
    flag: "--npm-registry",
    meaning: "URL of the npm registry builds install from (default: npm's own configuration)",
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

/** Settings as they were typed. */
export type RawSettings = { readonly [Name in SettingName]?: string };

/** One or more settings are wrong; the message has a line for each, naming the variable and the flag. */
export class ConfigError extends Error {
  override name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** The settings among environment variables; an empty one counts as unset. Throws ConfigError on HOMERUN_ variables that mean nothing. */
export function readEnv(env: Readonly<Record<string, string | undefined>>): RawSettings {
  const known = new Map(Object.entries(settings).map(([name, { variable }]) => [variable as string, name]));
  const unknown = Object.keys(env).filter((variable) => variable.startsWith("HOMERUN_") && !known.has(variable));
  if (unknown.length > 0)
    throw new ConfigError(unknown.map((variable) => unknownVariable(variable, [...known.keys()])));
  const set = Object.entries(env).flatMap(([variable, text]) => {
    const name = known.get(variable);
    return name !== undefined && text ? [[name, text]] : [];
  });
  return Object.fromEntries(set) as RawSettings;
}

function unknownVariable(variable: string, known: readonly string[]): string {
  return `${variable} is no setting; there are: ${known.join(", ")}`;
}
