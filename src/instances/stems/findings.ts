import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SandboxSpec } from "../sandbox.ts";

/** What a study found out about an image and the variables it is started with; kept over restarts. */
export type Findings = Usable | { readonly usable: false; readonly why: string };

export interface Usable {
  readonly usable: true;
  /** Folders of the image's layers on this host, lowest first. */
  readonly layers: readonly string[];
  /** How many of them are the run image's. */
  readonly baseLayers: number;
  readonly user: SandboxSpec["user"];
  readonly hostname: string;
  readonly memoryBytes: number;
  readonly pids: number;
  /** Hash of everything in the specification of the sandbox that is not replaced when a stem becomes an instance. */
  readonly rest: string;
  /** The command line of the first process, after the launcher. */
  readonly args: readonly string[];
  readonly cwd: string;
  /** Variables that the launcher sets and removes. */
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
  /** Variables that a stem has from the start. */
  readonly bootEnv: Readonly<Record<string, string>>;
  /** Name of the folder with what a stem loads. */
  readonly closure: string;
  /** The framework's main file without links, and what it loads. */
  readonly main: string;
  readonly loaded: readonly string[];
  /** What else is the same in every process that has loaded it. */
  readonly state: readonly string[];
}

/** Findings by key, as files of one folder. */
export interface FindingsStore {
  read(key: string): Promise<Findings | undefined>;
  write(key: string, findings: Findings): Promise<void>;
  /** The keys of those written last, the last one first. */
  recent(most: number): Promise<readonly string[]>;
  /** Forgets what cannot be read, what is not worth keeping, and the oldest of too many; resolves with all others. */
  prune(most: number, isWorthKeeping: (findings: Findings) => boolean): Promise<readonly Findings[]>;
}

const SUFFIX = ".json";

/** Findings of another version are none: they are about stems of another kind. */
export function findingsStore(folder: string, version: string): FindingsStore {
  const fileOf = (key: string) => join(folder, `${key}${SUFFIX}`);

  async function readFrom(file: string): Promise<Findings | undefined> {
    try {
      const record = JSON.parse(await readFile(file, "utf8")) as { version?: string; findings: Findings };
      return record.version === version ? record.findings : undefined;
    } catch {
      return undefined;
    }
  }

  /** Names of the files, the last one written first. */
  async function names(): Promise<readonly string[]> {
    const found = await readdir(folder).catch(() => []);
    const times = await Promise.all(
      found.map(async (name) => ({ name, ms: (await stat(join(folder, name))).mtimeMs })),
    );
    return times.toSorted((a, b) => b.ms - a.ms).map(({ name }) => name);
  }

  return {
    read: (key) => readFrom(fileOf(key)),
    async write(key, findings) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(`${fileOf(key)}.new`, JSON.stringify({ version, findings }), { mode: 0o600 });
      await rename(`${fileOf(key)}.new`, fileOf(key));
    },
    async recent(most) {
      const all = (await names()).filter((name) => name.endsWith(SUFFIX));
      return all.slice(0, most).map((name) => name.slice(0, -SUFFIX.length));
    },
    async prune(most, isWorthKeeping) {
      const kept: Findings[] = [];
      for (const name of await names()) {
        const findings = kept.length < most && name.endsWith(SUFFIX) ? await readFrom(join(folder, name)) : undefined;
        if (findings !== undefined && isWorthKeeping(findings)) kept.push(findings);
        else await rm(join(folder, name), { force: true });
      }
      return kept;
    },
  };
}
