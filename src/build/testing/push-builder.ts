import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pushImage } from "../../oci/distribution/push-image.ts";
import { hostArchitecture } from "../../oci/manifest.ts";
import { folderEntries } from "../../oci/layers/folder-entries.ts";
import { directoryEntry, fileEntry, type LayerEntry, symlinkEntry } from "../../oci/layers/layer-entry.ts";
import { writeLayer } from "../../oci/layers/write-layer.ts";
import type { BuilderBench } from "./builder-bench.ts";

/** The user of pushed builder images: another one than that of the bench's own build image. */
export const BUILDER_USER = 1234;

export interface TestBuilderImage {
  /** Files of the image by path; those of bin/ folders are executable. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly env?: readonly string[];
  /** A folder that becomes /cnb/buildpacks as it is, links and modes included. */
  readonly buildpacks?: string;
}

/** Pushes a builder image for the "host" bench, whose programs are mounted into it; resolves with its name. */
export async function pushBuilder(bench: BuilderBench, name: string, image: TestBuilderImage): Promise<string> {
  const links = ["bin", "sbin", "lib", "lib64"].map((path) => symlinkEntry(path, `usr/${path}`));
  const folders = ["proc", "dev", "sys", "usr", "etc", "etc/ssl", "cnb", "home"].map((path) => directoryEntry(path));
  const passwd = fileEntry("etc/passwd", `cnb:x:${BUILDER_USER}:${BUILDER_USER}::/home/cnb:/bin/sh\n`);
  const owner = { target: "cnb/buildpacks", uid: 0, gid: 0 };
  const buildpacks =
    image.buildpacks === undefined ? [] : await Array.fromAsync(folderEntries(image.buildpacks, owner));
  const files = [...buildpacks, ...fileEntries(image.files)];
  const entries = [directoryEntry("tmp", 0o1777), ...folders, ...links, passwd, ...files];
  return pushEntries(bench, name, entries, {
    User: String(BUILDER_USER),
    Env: [
      "PATH=/usr/local/bin:/usr/bin:/bin",
      `CNB_USER_ID=${BUILDER_USER}`,
      `CNB_GROUP_ID=${BUILDER_USER}`,
      ...(image.env ?? []),
    ],
    Labels: { ...image.labels },
  });
}

/** Pushes an image that holds nothing but a buildpack. */
export async function pushBuildpackage(
  bench: BuilderBench,
  name: string,
  { id, version, files }: { id: string; version: string; files: TestBuilderImage["files"] },
): Promise<string> {
  const labels = { "io.buildpacks.buildpackage.metadata": JSON.stringify({ id, version }) };
  return pushEntries(bench, name, fileEntries(files), { Labels: labels });
}

/** buildpack.toml, bin/detect and bin/build below /cnb/buildpacks, for the files of an image. */
export function buildpackFiles(
  id: string,
  { toml = "", detect = "exit 0", build = "exit 0" }: { toml?: string; detect?: string; build?: string },
): Record<string, string> {
  const folder = `cnb/buildpacks/${id.replaceAll("/", "_")}/1.0.0`;
  return {
    [`${folder}/buildpack.toml`]: `api = "0.10"\n[buildpack]\nid = "${id}"\nversion = "1.0.0"\n${toml}`,
    [`${folder}/bin/detect`]: `#!/bin/sh\n${detect}\n`,
    [`${folder}/bin/build`]: `#!/bin/sh\nset -e\n${build}\n`,
  };
}

/** An order of one group. */
export function orderToml(...ids: readonly string[]): string {
  return `[[order]]\n${ids.map((id) => `[[order.group]]\nid = "${id}"\nversion = "1.0.0"\n`).join("")}`;
}

/** Files of a folder, for the files of an image. */
export function filesOf(folder: string, destination: string): Record<string, Uint8Array> {
  const paths = readdirSync(folder, { recursive: true }).map(String);
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(files.map((path) => [`${destination}/${path}`, readFileSync(join(folder, path))]));
}

function fileEntries(files: TestBuilderImage["files"]): LayerEntry[] {
  return Object.entries(files).map(([path, content]) =>
    fileEntry(path, content, path.includes("/bin/") ? 0o755 : 0o644),
  );
}

async function pushEntries(
  { client, folder }: BuilderBench,
  name: string,
  entries: readonly LayerEntry[],
  config: object,
): Promise<string> {
  const file = join(folder, `${name.replaceAll(/\W/g, "-")}.tar.gz`);
  const { descriptor, diffId } = await writeLayer(entries, file);
  const layers = [{ descriptor, diffId, source: { file } }];
  await pushImage(client, [name], { layers, config: { architecture: hostArchitecture(), os: "linux", config } });
  return name;
}
