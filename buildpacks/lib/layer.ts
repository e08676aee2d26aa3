import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { readTable } from "./toml.ts";

/** What a layer is for (buildpack.md, "Layer Types"). */
export type LayerType = "build" | "cache" | "launch";

/** A layer of this buildpack. Nothing is written before `save`, so that an unused layer leaves no trace. */
export interface Layer {
  readonly path: string;
  /** What the previous build stored with the layer; empty when there was none. */
  readonly previous: Readonly<Record<string, unknown>>;
  /** Throws away what is there and leaves an empty folder. */
  clear(): void;
  /** Makes the folder unless it is there. */
  create(): void;
  /** Sets a variable for `phase`; "both" means later buildpacks and the running process. */
  setEnv(phase: EnvPhase, name: string, value: string, change?: EnvChange): void;
  /** Declares what the layer is for and what the next build shall know of it. */
  save(types: readonly LayerType[], metadata?: Readonly<Record<string, string>>): void;
}

export type EnvPhase = "both" | "build" | "launch";

export interface EnvChange {
  readonly action: "append" | "default" | "override" | "prepend";
  readonly delimiter?: string;
}

const ENV_FOLDERS: Readonly<Record<EnvPhase, string>> = { both: "env", build: "env.build", launch: "env.launch" };

/** The layer `name` in a buildpack's layers folder. */
export function openLayer(layersDir: string, name: string): Layer {
  const path = join(layersDir, name);
  const toml = `${path}.toml`;
  return {
    path,
    previous: (readTable(toml)["metadata"] ?? {}) as Readonly<Record<string, unknown>>,
    clear() {
      rmSync(path, { recursive: true, force: true });
      mkdirSync(path, { recursive: true });
    },
    create: () => void mkdirSync(path, { recursive: true }),
    setEnv(phase, variable, value, { action, delimiter } = { action: "override" }) {
      const folder = join(path, ENV_FOLDERS[phase]);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${variable}.${action}`), value);
      if (delimiter !== undefined) writeFileSync(join(folder, `${variable}.delim`), delimiter);
    },
    save(types, metadata = {}) {
      const flags = Object.fromEntries(types.map((type) => [type, true]));
      writeFileSync(toml, stringify({ types: flags, metadata }));
    },
  };
}
