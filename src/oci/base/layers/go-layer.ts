import { join } from "node:path";
import { readGoConfiguration } from "../../../platform/registries/go-configuration.ts";
import { directoryEntry, type LayerEntry, symlinkEntry } from "../../layers/layer-entry.ts";
import { writeLayer } from "../../layers/write-layer.ts";
import { parents } from "../npm-packages.ts";
import { defaultGoSettings } from "./go/default-settings.ts";
import { downloadToolchain, type Toolchain, type ToolchainSource } from "./go/toolchain.ts";
import { goModule } from "./layer-package.ts";
import type { LayerContext, NamedLayer } from "./recipe.ts";

/** Go's toolchain in /usr/local/go, from the module that Go itself downloads toolchains as. */
export interface GoRecipe {
  readonly kind: "go";
  /** Minor version, for example 1.26; the newest release of it is taken. */
  readonly minor: string;
}

const GOROOT = "usr/local/go";

/** Writes the newest toolchain of a minor version. */
export async function writeGoLayer({ minor }: GoRecipe, context: LayerContext): Promise<NamedLayer> {
  context.onProgress(`Fetching Go ${minor}`);
  using toolchain = await downloadToolchain(await toolchainSource(context), minor, context.folder);
  const layer = await writeLayer(toolchainEntries(toolchain), join(context.folder, "go.tar"), "none");
  return { ...layer, title: `Go ${toolchain.version}`, packages: [goModule(toolchain.module)] };
}

async function toolchainSource(context: LayerContext): Promise<ToolchainSource> {
  const { proxy, checksumDatabase } = await readGoConfiguration();
  const defaults = proxy === undefined || checksumDatabase === undefined ? await defaultGoSettings(context) : {};
  return {
    proxy: proxy ?? defaults["GOPROXY"] ?? "",
    checksumDatabase: checksumDatabase ?? defaults["GOSUMDB"] ?? "",
    stateFolder: join(context.dataFolder, "cache", "packages", "go"),
  };
}

async function* toolchainEntries({ zip }: Toolchain): AsyncIterable<LayerEntry> {
  const seen = new Set<string>();
  for (const { path, size, open } of zip.files) {
    if (isLeftOut(path)) continue;
    // A module's zip cannot hold the go.mod files of other modules under their own name; cmd/go names them so.
    const target = `${GOROOT}/${path.replace(/(^|\/)_go\.mod$/, "$1go.mod")}`;
    yield* parents(target, seen);
    const mode = isProgram(path) ? 0o755 : 0o644;
    const content = async function* (): AsyncIterable<Uint8Array> {
      yield* (await open()) as AsyncIterable<Uint8Array>;
    };
    yield { type: "file", path: target, mode, uid: 0, gid: 0, size, content };
  }
  yield directoryEntry("usr/local/bin");
  for (const name of ["go", "gofmt"]) yield symlinkEntry(`usr/local/bin/${name}`, `../go/bin/${name}`);
}

/** Google: cmd/go/internal/toolchain/select.go, Exec, gives these the bits that a zip has lost. */
function isProgram(path: string): boolean {
  return path.startsWith("bin/") || path.startsWith("pkg/tool/") || /^lib\/.*go_[^/]+_[^/]+_exec$/.test(path);
}

/** Whether builds do without a file: Go's own tests, and the lists of its API. */
function isLeftOut(path: string): boolean {
  return /^(api|doc|misc|test)\//.test(path) || path.endsWith("_test.go") || /^src\/.*\/testdata\//.test(path);
}
