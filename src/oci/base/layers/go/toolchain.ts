import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { lookUpChecksum, ChecksumError } from "./checksum-database.ts";
import { hashModule, type ModuleZip, openModuleZip } from "./module-zip.ts";
import { openModuleProxies } from "./module-proxy.ts";

/** The module that Go's own toolchains are published as. Google: go.dev/doc/toolchain. */
const MODULE = "golang.org/toolchain";

/** Where a toolchain comes from and what vouches for it. */
export interface ToolchainSource {
  /** GOPROXY. */
  readonly proxy: string;
  /** GOSUMDB. */
  readonly checksumDatabase: string;
  /** Keeps what must be known the next time; small. */
  readonly stateFolder: string;
}

/** A toolchain, downloaded and verified. */
export interface Toolchain extends Disposable {
  /** For example 1.26.3. */
  readonly version: string;
  /** Path and version of the module that it is, and the hash of its files, as go.sum has them. */
  readonly module: { readonly path: string; readonly version: string; readonly hash: string };
  readonly zip: ModuleZip;
}

/**
 * Downloads the newest release of a Go minor version ("1.26") for this machine's processor into a folder. The zip has the
 * hash that the checksum database has for it; that is asked for whatever GONOSUMDB says, as cmd/go does for toolchains.
 */
export async function downloadToolchain(source: ToolchainSource, minor: string, folder: string): Promise<Toolchain> {
  await using proxies = await openModuleProxies(source.proxy);
  const platform = `linux-${process.arch === "x64" ? "amd64" : process.arch}`;
  const { text } = await proxies.text(`${MODULE}/@v/list`);
  const version = newestRelease(text, minor, platform);
  if (version === undefined) throw new Error(`no module proxy has a release of Go ${minor} for ${platform}`);
  const moduleVersion = `v0.0.1-go${version}.${platform}`;
  await mkdir(source.stateFolder, { recursive: true });
  const file = join(folder, "toolchain.zip");
  const deps = { proxies, gosumdb: source.checksumDatabase, folder: source.stateFolder };
  const [expected] = await Promise.all([
    lookUpChecksum(deps, MODULE, moduleVersion),
    proxies.download(`${MODULE}/@v/${moduleVersion}.zip`, file),
  ]);
  const zip = await openModuleZip(file, MODULE, moduleVersion);
  const actual = await hashModule(zip, MODULE, moduleVersion);
  const module = { path: MODULE, version: moduleVersion, hash: actual };
  if (actual === expected) return { version, module, zip, [Symbol.dispose]: () => zip[Symbol.dispose]() };
  zip[Symbol.dispose]();
  throw new ChecksumError(`verifying ${MODULE}@${moduleVersion}: checksum mismatch: ${actual} instead of ${expected}`);
}

/** The newest release of a minor version in a proxy's list of toolchains; release candidates do not count. */
export function newestRelease(list: string, minor: string, platform: string): string | undefined {
  const releases = [...list.matchAll(/^v0\.0\.1-go(\d+\.\d+)\.(\d+)\.(\S+)$/gm)];
  const patches = releases.flatMap(([, of, patch, on]) => (of === minor && on === platform ? [Number(patch)] : []));
  return patches.length === 0 ? undefined : `${minor}.${Math.max(...patches)}`;
}
