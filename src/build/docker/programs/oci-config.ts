/** What containers get besides what their image and podman say. */
export interface AddedToContainers {
  /** Variables, unless the image or the user sets them. */
  readonly env: Readonly<Record<string, string>>;
  /** Files of the step below /dev, where they leave no trace in an image: path in the container by path in the step. */
  readonly files: Readonly<Record<string, string>>;
}

/** The part of the OCI runtime specification's config.json that matters here. */
export interface OciConfig {
  readonly process: { readonly env?: readonly string[] };
  readonly mounts?: readonly OciMount[];
  readonly linux: {
    readonly namespaces?: readonly { readonly type: string; readonly path?: string }[];
    readonly resources?: unknown;
    readonly cgroupsPath?: string;
  };
}

interface OciMount {
  readonly destination: string;
  readonly type?: string;
  readonly source?: string;
  readonly options?: readonly string[];
}

/**
 * The configuration as it can be started in a sandbox: with the step's own /proc and /sys, where no others can be mounted,
 * without cgroups, and in the step's network. Throws for a container that is to have a network of its own.
 */
export function fitContainer(config: OciConfig, added: AddedToContainers): OciConfig {
  const { namespaces = [], resources: _resources, cgroupsPath: _cgroupsPath, ...linux } = config.linux;
  if (namespaces.some(({ type }) => type === "network")) {
    throw new Error("networks other than the one of the build step are not supported");
  }
  const files = Object.entries(added.files).map(([destination, source]) => bind(source, destination, ["bind", "ro"]));
  return {
    ...config,
    process: {
      ...config.process,
      env: [...missing(config.process.env ?? [], added.env), ...(config.process.env ?? [])],
    },
    mounts: [...(config.mounts ?? []).flatMap(fitMount), ...files],
    linux: { ...linux, namespaces: namespaces.filter(({ type }) => type !== "cgroup") },
  };
}

function fitMount(mount: OciMount): OciMount[] {
  if (mount.type === "proc") return [bind("/proc", mount.destination, ["rbind"])];
  if (mount.type === "sysfs") return [bind("/sys", mount.destination, ["rbind", "ro"])];
  return mount.type === "cgroup" || mount.type === "cgroup2" ? [] : [mount];
}

function bind(source: string, destination: string, options: readonly string[]): OciMount {
  return { destination, type: "bind", source, options: [...options, "nosuid", "noexec", "nodev"] };
}

function missing(env: readonly string[], added: Readonly<Record<string, string>>): string[] {
  const names = new Set(env.map((line) => line.split("=")[0]));
  return Object.entries(added).flatMap(([name, value]) => (names.has(name) ? [] : [`${name}=${value}`]));
}
