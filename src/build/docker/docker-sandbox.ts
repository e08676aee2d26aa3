import { join } from "node:path";
import type { SandboxMount, SandboxSpec } from "../../instances/sandbox.ts";
import { SETTINGS_FOLDER, STATE_FOLDER, STORE_FOLDER } from "./container-settings.ts";

/** Folders of one build on the host. */
export interface DockerFolders {
  /** The store of images. Written to by steps: not to be trusted. */
  readonly store: string;
  readonly state: string;
  readonly settings: string;
}

const PROGRAMS = join(import.meta.dirname, "programs");
const ENV = { PODMAN_IGNORE_CGROUPSV1_WARNING: "true" };

/**
 * Lets a sandbox of the docker image work: its command runs in a user namespace of its own, in which root may mount,
 * with the build's store of images. See seccompProfile for what that opens, and what not.
 */
export function withDocker(spec: SandboxSpec, folders: DockerFolders, node: string): SandboxSpec {
  return {
    ...spec,
    args: ["/cnb/docker/enter", ...spec.args],
    env: { ...ENV, ...spec.env },
    mounts: [...spec.mounts, ...mounts(folders, node)],
    nesting: true,
  };
}

function mounts({ store, state, settings }: DockerFolders, node: string): SandboxMount[] {
  return [
    { source: PROGRAMS, destination: "/cnb/docker", readOnly: true },
    { source: node, destination: "/cnb/node", readOnly: true },
    { source: settings, destination: SETTINGS_FOLDER, readOnly: true },
    { source: store, destination: STORE_FOLDER, readOnly: false },
    { source: state, destination: STATE_FOLDER, readOnly: false },
  ];
}
