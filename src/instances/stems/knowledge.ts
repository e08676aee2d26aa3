import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { StartRequest } from "../containers/start-instance.ts";
import { type Findings, findingsStore, type Usable } from "./findings.ts";
import { stemLanguages } from "./languages.ts";
import { imageFolders, removeOthers } from "./image-folders.ts";
import type { StemKind } from "./stem.ts";

/** What is known of a request: which stems fit, and what makes one its instance. */
export interface Known {
  readonly kind: StemKind;
  readonly findings: Usable;
  readonly imageFolder: string;
  /** How often in a row a stem did not become an instance. */
  failures: number;
}

/** Findings of this server and of earlier ones. */
export interface Knowledge {
  /** Folder of what stems load, one folder each. */
  readonly closures: string;
  /** What requests are told apart by. */
  keyOf(request: StartRequest): string;
  /** Undefined: nobody knows yet. */
  find(key: string): Promise<Known | "NO_STEM" | undefined>;
  /** For this server alone, until something is found out. */
  assumeNoStem(key: string): void;
  forget(key: string): void;
  add(key: string, findings: Findings): Promise<Known | undefined>;
  /** Removes what is kept for images whose layers are gone, and what was used least recently of too much. No study may run. */
  prune(): Promise<void>;
  /** Those found out or first used by a server last, the last one at the end. */
  recent(most: number): Promise<readonly Known[]>;
}

const MOST_FINDINGS = 500;
/** Some megabytes each; a few times as many as there can be kinds with stems. */
const MOST_CLOSURES = 48;

/** Keeps knowledge in a folder. */
export function stemKnowledge(folder: string, mostClosures: number = MOST_CLOSURES): Knowledge {
  const version = versionOfScripts();
  const store = findingsStore(join(folder, "findings"), version);
  const closures = join(folder, "closures");
  const images = imageFolders(join(folder, "images"));
  /** What was used last is at the end. */
  const known = new Map<string, Known | "NO_STEM">();
  const used = new Set<string>();

  async function remember(key: string, findings: Findings): Promise<Known | "NO_STEM" | undefined> {
    const entry = findings.usable ? await knownOf(findings) : "NO_STEM";
    if (entry !== undefined) known.set(key, entry);
    return entry;
  }

  /** Undefined when something it needs is not there any more. */
  async function knownOf(findings: Usable): Promise<Known | undefined> {
    if (!isThere(findings, closures)) return undefined;
    const imageFolder = await images.ensure(findings.layers);
    return { kind: kindOf(findings, closures), findings, imageFolder, failures: 0 };
  }

  async function prune(): Promise<void> {
    const kept = whatToKeep(closures, mostClosures);
    for (const [key, entry] of [...known].toReversed()) {
      if (entry !== "NO_STEM" && !kept.add(entry.findings)) known.delete(key);
    }
    await store.prune(MOST_FINDINGS, (findings) => !findings.usable || kept.add(findings));
    await removeOthers(closures, kept.closures);
    await images.prune([...kept.images.values()]);
  }

  async function load(key: string): Promise<Known | "NO_STEM" | undefined> {
    const findings = known.has(key) ? undefined : await store.read(key);
    return findings === undefined ? known.get(key) : remember(key, findings);
  }

  async function find(key: string): Promise<Known | "NO_STEM" | undefined> {
    const entry = await load(key);
    if (known.delete(key) && entry !== undefined) known.set(key, entry);
    if (entry === undefined || entry === "NO_STEM" || used.has(key)) return entry;
    used.add(key);
    // What was written last is what was used last, for the next server.
    await store.write(key, entry.findings).catch(() => {});
    return entry;
  }

  return {
    closures,
    keyOf: (request) => hashOf(partsOf(request)),
    find,
    assumeNoStem: (key) => void known.set(key, "NO_STEM"),
    forget: (key) => void known.delete(key),
    async add(key, findings) {
      const entry = await remember(key, findings);
      await store.write(key, findings);
      return entry === "NO_STEM" ? undefined : entry;
    },
    prune,
    async recent(most) {
      const keys = (await store.recent(most)).toReversed();
      const entries = await Promise.all(keys.map(load));
      return entries.filter((entry) => entry !== undefined && entry !== "NO_STEM");
    },
  };
}

function isThere({ layers, closure }: Usable, closures: string): boolean {
  return [...layers, join(closures, closure)].every((path) => existsSync(path));
}

/** Collects what is worth keeping, if it is told of what was used last first. */
function whatToKeep(folder: string, mostClosures: number) {
  const closures = new Set<string>();
  const images = new Map<string, readonly string[]>();
  return {
    closures,
    images,
    add(findings: Usable): boolean {
      const { closure, layers } = findings;
      const hasRoom = closures.has(closure) || closures.size < mostClosures;
      if (!hasRoom || !isThere(findings, folder)) return false;
      closures.add(closure);
      images.set(layers.join("\n"), layers);
      return true;
    },
  };
}

/** The image, its memory and its variables, but not the values of secrets and of the container contract. */
function partsOf({ spec, port }: StartRequest): unknown {
  const [{ image, env, secretEnv, limits }] = spec.containers;
  const variables = Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const names = [...Object.keys(secretEnv), ...Object.keys(spec.contractEnv)].toSorted();
  return [image, variables, names, port, limits.memoryBytes];
}

function kindOf(findings: Usable, closures: string): StemKind {
  const { user, hostname, args, cwd, bootEnv, memoryBytes, pids, state } = findings;
  const layers = [...findings.layers.slice(0, findings.baseLayers), join(closures, findings.closure)];
  const key = hashOf([layers, user, hostname, args, cwd, bootEnv, memoryBytes, pids, state]);
  return { key, findings, layers, user, hostname, memoryBytes, pids };
}

/** What other scripts found out does not count. */
function versionOfScripts(): string {
  return hashOf(stemLanguages.map(({ script }) => readFileSync(join(import.meta.dirname, "scripts", script), "utf8")));
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
