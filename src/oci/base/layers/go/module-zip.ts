import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { type Entry, openPromise } from "yauzl";

/** A file of a module. */
export interface ModuleFile {
  /** Path below the module's root. */
  readonly path: string;
  readonly size: number;
  /** Opens the content; any number of times. */
  readonly open: () => Promise<Readable>;
}

/** A module's zip, open. */
export interface ModuleZip extends Disposable {
  readonly files: readonly ModuleFile[];
}

/**
 * Opens the zip of a module version; every file must lie below MODULE@VERSION/. Throws for any other archive.
 */
export async function openModuleZip(file: string, module: string, version: string): Promise<ModuleZip> {
  const zip = await openPromise(file, { lazyEntries: true, autoClose: false, strictFileNames: true });
  using onFailure = new DisposableStack();
  onFailure.defer(() => zip.close());
  const prefix = `${module}@${version}/`;
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  const files = entries.map((entry) => {
    const path = entry.fileName.slice(prefix.length);
    if (!entry.fileName.startsWith(prefix) || path === "" || path.endsWith("/")) {
      throw new Error(`${JSON.stringify(entry.fileName)} does not belong into ${prefix}`);
    }
    return { path, size: entry.uncompressedSize, open: () => zip.openReadStreamPromise(entry) };
  });
  onFailure.move();
  return { files, [Symbol.dispose]: () => zip.close() };
}

/** The h1 hash over a module's files. Google: golang.org/x/mod/sumdb/dirhash, Hash1. */
export async function hashModule({ files }: ModuleZip, module: string, version: string): Promise<string> {
  const lines: { readonly name: string; readonly hash: string }[] = [];
  for (const { path, open } of files) {
    const hash = createHash("sha256");
    for await (const chunk of await open()) hash.update(chunk as Buffer);
    lines.push({ name: `${module}@${version}/${path}`, hash: hash.digest("hex") });
  }
  lines.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  const summary = createHash("sha256");
  for (const { name, hash } of lines) summary.update(`${hash}  ${name}\n`);
  return `h1:${summary.digest("base64")}`;
}
