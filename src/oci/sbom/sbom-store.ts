import { fork } from "node:child_process";
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../../platform/write-durably.ts";
import type { UnpackedImage } from "../oci.ts";
import { type Component, componentsOf, type LayerComponents } from "./component.ts";

/** What comes back from the process that looks at a layer. */
export type ScanAnswer = { readonly components: LayerComponents } | { readonly error: string };

/** Tells what images hold. */
export interface SbomStore {
  /** The components of an unpacked image. Layers that were looked at before are not looked at again. */
  componentsOf(image: UnpackedImage, signal?: AbortSignal): Promise<readonly Component[]>;
}

/** A new number makes layers be looked at again. */
const SCAN_VERSION = 1;
const PROCESS = join(import.meta.dirname, "scan-process.ts");

/** A store in a folder of its own below the data folder; safe to delete. */
export function createSbomStore({ dataFolder }: { readonly dataFolder: string }): SbomStore {
  const folder = join(dataFolder, "cache", "sbom");
  mkdirSync(folder, { recursive: true });
  return {
    async componentsOf({ layers, config }, signal) {
      const found: LayerComponents[] = [];
      // One after the other: this is never urgent.
      for (const [index, layer] of layers.entries()) {
        const record = join(folder, `${config.diffIds[index]!.replace(":", "-")}.${SCAN_VERSION}.json`);
        found.push((await readRecord(record)) ?? (await scan(layer, record, signal)));
      }
      return componentsOf(found);
    },
  };
}

async function readRecord(path: string): Promise<LayerComponents | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as LayerComponents);
}

async function scan(layer: string, record: string, signal: AbortSignal | undefined): Promise<LayerComponents> {
  const components = await scanInProcess(layer, signal);
  await writeDurably(record, JSON.stringify(components));
  return components;
}

/** Looks at a layer in a process of its own: a large program is not to stay in the server's memory. */
function scanInProcess(layer: string, signal: AbortSignal | undefined): Promise<LayerComponents> {
  const { promise, resolve, reject } = Promise.withResolvers<LayerComponents>();
  const stdio = ["ignore", "ignore", "inherit", "ipc"] as const;
  const child = fork(PROCESS, [layer], { stdio: [...stdio], ...(signal && { signal }) });
  child.on("message", (answer: ScanAnswer) => {
    if ("error" in answer) reject(new Error(answer.error));
    else resolve(answer.components);
  });
  child.once("error", reject);
  // Has no effect once an answer came.
  child.once("close", (code, killed) => reject(new Error(`looking at ${layer} ended with ${killed ?? code}`)));
  return promise;
}
