import { availableParallelism, homedir, totalmem } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import type { Severity } from "../log.ts";
import { ConfigError, type RawSettings, type SettingName, settings } from "./env.ts";
import { parseMemory } from "./memory.ts";

const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_PORT = 8484;
const DEFAULT_INGRESS_PORT = 8485;
const DEFAULT_STEM_MEMORY_BYTES = 256 * 1024 * 1024;
const HIGHEST_PORT = 65_535;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
const SEVERITIES: readonly Severity[] = ["DEBUG", "INFO", "WARNING", "ERROR"];

/** "manual": it runs on as the system's does, and can be moved ahead. */
export type ClockKind = "system" | "manual";

/** The server's settings, checked, with every default filled in. */
export interface Config {
  /** Absolute. */
  readonly dataDir: string;
  readonly listen: {
    readonly host: string;
    /** 0: any free one. */
    readonly port: number;
    /** 0: any free one. */
    readonly ingressPort: number;
  };
  /** What openStore takes: the absolute path of an SQLite file, or a postgres:// URL. */
  readonly storeLocation: string;
  readonly logLevel: Severity;
  /** Path of the OCI runtime; undefined: look for one. */
  readonly runtime: string | undefined;
  /** What instances and builds may use together. */
  readonly machine: { readonly memoryBytes: number; readonly cpus: number };
  /** How long an instance without requests is kept; undefined: as long as Cloud Run does. */
  readonly idleMs: number | undefined;
  /** Memory for sandboxes that wait to become instances; 0: there are none. */
  readonly stemMemoryBytes: number;
  /** Whether the services' time can be advanced. */
  readonly clock: ClockKind;
  /** Where traces of requests go by OTLP over HTTP; undefined: nowhere. */
  readonly otlpEndpoint: string | undefined;
  /** Where packages come from; undefined: as the machine itself is set up. */
  readonly sources: { readonly debianMirror: string | undefined; readonly npmRegistry: string | undefined };
}

/** What the machine offers; the defaults and bounds of settings. */
export interface HostFacts {
  readonly homeDir: string;
  readonly workingDir: string;
  readonly memoryBytes: number;
  readonly cpus: number;
}

/** Checks settings as they were typed (flags spread over readEnv's). Throws ConfigError with every problem at once. */
export function loadConfig(raw: RawSettings, host: HostFacts = thisHost()): Config {
  const problems: string[] = [];
  const dataDir = resolve(host.workingDir, raw.dataDir ?? join(host.homeDir, ".homerun"));

  /** The parsed value of a setting, or undefined when unset or wrong. */
  function parsed<Value>(name: SettingName, parse: (text: string) => Value): Value | undefined {
    const text = raw[name];
    if (text === undefined) return undefined;
    try {
      return parse(text);
    } catch (error) {
      const { variable, flag } = settings[name];
      problems.push(`${variable} (${flag}): ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  const config: Config = {
    dataDir,
    listen: {
      host: raw.host ?? DEFAULT_HOST,
      port: parsed("port", parsePort) ?? DEFAULT_PORT,
      ingressPort: parsed("ingressPort", parsePort) ?? DEFAULT_INGRESS_PORT,
    },
    storeLocation: parsed("storeUrl", parseStoreUrl) ?? join(dataDir, "homerun.sqlite"),
    logLevel: parsed("logLevel", parseSeverity) ?? "INFO",
    runtime: parsed("runtime", parseAbsolutePath),
    machine: {
      memoryBytes: parsed("machineMemory", (text) => atMost(host.memoryBytes, parseMemory(text))) ?? host.memoryBytes,
      cpus: parsed("machineCpus", (text) => atMost(host.cpus, parseCpus(text))) ?? host.cpus,
    },
    idleMs: parsed("idleTimeout", parseDuration),
    stemMemoryBytes:
      parsed("stemMemory", (text) => (text === "0" ? 0 : parseMemory(text))) ?? DEFAULT_STEM_MEMORY_BYTES,
    clock: parsed("clock", parseClockKind) ?? "system",
    otlpEndpoint: parsed("otlpEndpoint", parseHttpUrl),
    sources: {
      debianMirror: parsed("debianMirror", parseHttpUrl),
      npmRegistry: parsed("npmRegistry", parseHttpUrl),
    },
  };
  const { port, ingressPort } = config.listen;
  if (port === ingressPort && port !== 0) problems.push(`the APIs and the functions cannot share port ${port}`);
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function thisHost(): HostFacts {
  const constrained = process.constrainedMemory();
  return {
    homeDir: homedir(),
    workingDir: process.cwd(),
    memoryBytes: constrained > 0 ? Math.min(totalmem(), constrained) : totalmem(),
    cpus: availableParallelism(),
  };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= HIGHEST_PORT) return port;
  throw new Error(`${JSON.stringify(text)} is no port; a number from 0 to ${HIGHEST_PORT} is`);
}

/** Never repeats the URL: it may hold a password. */
function parseStoreUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "postgres:" || url?.protocol === "postgresql:") return text;
  throw new Error("not a URL of the form postgres://USER:PASSWORD@HOST:PORT/DATABASE");
}

function parseSeverity(text: string): Severity {
  const severity = SEVERITIES.find((one) => one === text.toUpperCase());
  if (severity) return severity;
  throw new Error(`${JSON.stringify(text)} is not one of ${SEVERITIES.join(", ")}`);
}

function parseAbsolutePath(text: string): string {
  if (isAbsolute(text)) return text;
  throw new Error(`${JSON.stringify(text)} is not an absolute path`);
}

function parseCpus(text: string): number {
  const cpus = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && cpus > 0) return cpus;
  throw new Error(`${JSON.stringify(text)} is no number of CPUs, such as 2 or 0.5`);
}

function parseDuration(text: string): number {
  const [, amount, unit = ""] = /^(\d+)([smh])$/.exec(text) ?? [];
  if (amount !== undefined) return Number(amount) * UNIT_MS[unit]!;
  throw new Error(`${JSON.stringify(text)} is no time, such as 30s or 15m`);
}

function parseClockKind(text: string): ClockKind {
  if (text === "system" || text === "manual") return text;
  throw new Error(`${JSON.stringify(text)} is neither system nor manual`);
}

function parseHttpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return text;
  throw new Error("not an http:// or https:// URL");
}

function atMost(limit: number, value: number): number {
  if (value <= limit) return value;
  throw new Error(`more than the machine has (${limit})`);
}
