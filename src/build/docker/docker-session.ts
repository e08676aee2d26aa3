import { statfsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createLayerStore } from "../../oci/layers/layer-store.ts";
import { parseDigest } from "../../oci/digest.ts";
import type { UnpackedImage } from "../../oci/oci.ts";
import { type StepImageSession, StepImageError } from "../steps/step-image.ts";
import type { BuildStepsRequest } from "../steps/steps.ts";
import { containerSettings } from "./container-settings.ts";
import { type DockerJob, runDockerJob } from "./docker-job.ts";
import { type DockerFolders, withDocker } from "./docker-sandbox.ts";
import type { DockerDeps } from "./docker-steps.ts";
import { unpackExportedImage } from "./exported-image.ts";
import { pushFailure } from "./push-failure.ts";
import type { StoreCache } from "./store-cache.ts";
import { hasStoredImage, INHERITED } from "./stored-names.ts";

/** statfs(2): an overlay file system cannot carry another one's writable layers. */
const OVERLAYFS_MAGIC = 0x794c7630;

type SessionDeps = DockerDeps & { readonly cache: StoreCache };

/** The images of one build: its store comes from its project's last build and goes to the next. */
export async function openDockerSession(
  deps: SessionDeps,
  build: BuildStepsRequest,
  folder: string,
): Promise<StepImageSession> {
  const folders = await makeFolders(deps, build.cacheKey, folder);
  const layers = createLayerStore({ folder: join(folder, "layers"), ids: deps.ids });
  const podman = podmanOn(deps, build, folder, folders);
  return {
    async prepare(_step, signal) {
      const image = await builderImage(deps, build, signal);
      return { image, adjust: (spec) => withDocker(spec, folders, deps.lifecycleNode) };
    },
    hasImage: (name) => hasStoredImage(folders.store, name),
    async findImage(name, signal) {
      if (!(await hasStoredImage(folders.store, name))) return undefined;
      const { exitCode, result, lines } = await podman(["push", "--quiet", name, "dir:/result"], "offline", signal);
      if (exitCode !== 0) throw new StepImageError(`image "${name}" cannot be read: ${lines.at(-1) ?? ""}`);
      return unpackExportedImage(result, layers).catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new StepImageError(`image "${name}": ${reason}`, { cause });
      });
    },
    async pushImage(name, signal) {
      const args = ["push", "--quiet", "--digestfile", "/result/digest", name];
      const { exitCode, result, lines } = await podman(args, "online", signal);
      if (exitCode !== 0) throw pushFailure(lines);
      const digest = (await readFile(join(result, "digest"), "utf8")).trim();
      if (!parseDigest(digest)) throw new Error(`podman names no digest of ${name}`);
      return digest;
    },
    async [Symbol.asyncDispose]() {
      await deps.cache.giveBack(build.cacheKey, folders.store, join(folder, "discarded")).catch((error: unknown) => {
        // Without the cache the next build only takes longer.
        deps.log.warning("the images of a build could not be cached", { build: build.id, error });
      });
    },
  };
}

async function builderImage(
  deps: SessionDeps,
  { log }: BuildStepsRequest,
  signal: AbortSignal,
): Promise<UnpackedImage> {
  const reference = await deps.baseImages.ensureToolImage("docker", (line) => log.line(line), signal);
  return deps.images.ensure(reference, signal);
}

/** Runs podman commands of the build itself, each with a folder of its own for what it leaves. */
function podmanOn(deps: SessionDeps, build: BuildStepsRequest, folder: string, folders: DockerFolders) {
  let count = 0;
  return async (args: readonly string[], network: DockerJob["network"], signal: AbortSignal) => {
    const number = count++;
    const result = join(folder, `result-${number}`);
    await mkdir(result);
    const image = await builderImage(deps, build, signal);
    const id = `build-${build.id}-docker-${number}`;
    return { result, ...(await runDockerJob(deps, build, { id, image, args, folders, result, network, signal })) };
  };
}

async function makeFolders(deps: SessionDeps, cacheKey: string, folder: string): Promise<DockerFolders> {
  const folders = { store: join(folder, "store"), state: join(folder, "state"), settings: join(folder, "settings") };
  const isInherited = await deps.cache.take(cacheKey, folders.store);
  for (const path of Object.values(folders)) await mkdir(path, { recursive: true });
  // Whatever a step may have put there is not followed.
  if (isInherited) await writeFile(join(folders.store, INHERITED), "", { flag: "wx" }).catch(ignoreExisting);
  const driver = statfsSync(folder).type === OVERLAYFS_MAGIC ? "vfs" : "overlay";
  const settings = containerSettings(await deps.packages(), driver);
  for (const [name, content] of Object.entries(settings)) await writeFile(join(folders.settings, name), content);
  return folders;
}

function ignoreExisting(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
}
