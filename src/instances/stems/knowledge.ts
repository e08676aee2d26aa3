import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { StartRequest } from "../containers/start-instance.ts";
import { type Findings, findingsStore, type Usable } from "./findings.ts";
import { stemLanguages } from "./languages.ts";
import { imageFolders } from "./image-folders.ts";
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
  /** Those found out last, the last one at the end; forgets the oldest when there are too many. */
  recent(most: number): Promise<readonly Known[]>;
}

const MOST_FINDINGS = 500;

/** Keeps knowledge in a folder. */
export function stemKnowledge(folder: string): Knowledge {
  const version = versionOfScripts();
  const store = findingsStore(join(folder, "findings"), version);
  const closures = join(folder, "closures");
  const images = imageFolders(join(folder, "images"));
  const known = new Map<string, Known | "NO_STEM">();

  async function remember(key: string, findings: Findings): Promise<Known | "NO_STEM" | undefined> {
    const entry = findings.usable ? await knownOf(findings) : "NO_STEM";
    if (entry !== undefined) known.set(key, entry);
    return entry;
  }

  /** Undefined when something it needs is not there any more. */
  async function knownOf(findings: Usable): Promise<Known | undefined> {
    const folders = [...findings.layers, join(closures, findings.closure)];
    if (!folders.every((path) => existsSync(path))) return undefined;
    const imageFolder = await images.ensure(findings.layers);
    return { kind: kindOf(findings, closures), findings, imageFolder, failures: 0 };
  }

  async function find(key: string): Promise<Known | "NO_STEM" | undefined> {
    const findings = known.has(key) ? undefined : await store.read(key);
    return findings === undefined ? known.get(key) : remember(key, findings);
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
    async recent(most) {
      const keys = (await store.recent(MOST_FINDINGS)).slice(0, most).toReversed();
      const entries = await Promise.all(keys.map(find));
      return entries.filter((entry) => entry !== undefined && entry !== "NO_STEM");
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
