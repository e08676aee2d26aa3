/** What every sandbox runtime offers; the OCI runtime (crun, runc, runsc) implements it. */
export interface Sandboxes {
  /** True where sandboxes that are given the same network namespace do not share it. */
  readonly separateNetworks?: boolean;
  /** Creates and starts a container. Rejects with SandboxError when the runtime refuses. */
  start(spec: SandboxSpec): Promise<Sandbox>;
  /** Removes whatever an earlier process of the same data folder left behind: containers, mounts, cgroups (networks: createNetworks). */
  removeLeftovers(): Promise<void>;
}

export interface SandboxSpec {
  /** Unique in this data folder; letters, digits and hyphens, at most 63. */
  readonly id: string;
  /** Unpacked layer folders, lowest first; mounted read-only below a private writable layer. */
  readonly layers: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly user: { readonly uid: number; readonly gid: number };
  readonly hostname: string;
  readonly mounts: readonly SandboxMount[];
  readonly limits: SandboxLimits;
  /** A network namespace from Networks, or "none" for loopback only. */
  readonly network: { readonly namespacePath: string } | "none";
  /** Written to /etc/resolv.conf and /etc/hosts of the sandbox. */
  readonly resolver?: { readonly nameserver: string; readonly hosts: Readonly<Record<string, string>> };
  /** Whether the whole root file system may be written (in the private layer, on disk or in memory). */
  readonly writableRoot: "disk" | "memory" | "no";
  /** Whether processes may make user and mount namespaces of their own, as builders of images do; no more than that. */
  readonly nesting?: boolean;
  /** An empty folder for the private layer when it is on disk, in place of one of the sandbox's own; it stays behind. */
  readonly writableFolder?: string;
  /** A promise holds the stream back until it resolves, and so whoever writes to it. */
  readonly onOutput: (stream: "stdout" | "stderr", chunk: Buffer) => void | Promise<void>;
}

export interface SandboxMount {
  readonly source: string;
  readonly destination: string;
  readonly readOnly: boolean;
}

export interface SandboxLimits {
  readonly memoryBytes: number;
  /** CPUs, fractions allowed; 1 means one whole CPU per second. */
  readonly cpus: number;
  readonly pids: number;
}

export interface SandboxExit {
  /** Exit code of the main process, or null when a signal ended it (which OCI runtimes report as 128 + its number). */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** True when the kernel killed a process because the memory limit was exceeded. */
  readonly outOfMemory: boolean;
  /** Why the program could not be run, as "failed to load PATH: REASON", where the runtime found that out so late. */
  readonly notLoaded?: string;
}

/** A container that was started. Once it has ended, controlling it has no effect; disposing it kills it first. */
export interface Sandbox extends AsyncDisposable {
  readonly id: string;
  readonly exited: Promise<SandboxExit>;
  /**
   * Sends a signal to the main process, and resumes a paused sandbox. A signal the process does not handle has its
   * default effect, though the kernel would spare a first process. Does nothing once the sandbox has ended.
   */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Stops or resumes CPU time of all processes. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  setCpus(cpus: number): Promise<void>;
  /** The processes of the host that it is, or undefined where it is none, or has ended. */
  processes(): Promise<SandboxProcesses | undefined>;
  memoryUsedBytes(): Promise<number>;
  /** CPU time that all processes together have had since the start; 0 once it has ended. */
  cpuUsedSeconds(): Promise<number>;
}

/** Process ids of the host. */
export interface SandboxProcesses {
  /** In the mount namespace in which the root file system was put together. */
  readonly launcher: number;
  /** The first process inside. */
  readonly init: number;
}

/** A container could not be started or controlled; the message carries what the OCI runtime said. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
  /** Why the container's program cannot be run, as "failed to load PATH: REASON", if that is what is wrong. */
  readonly notLoaded: string | undefined;

  constructor(message: string, { notLoaded, ...options }: ErrorOptions & { readonly notLoaded?: string } = {}) {
    super(message, options);
    this.notLoaded = notLoaded;
  }
}
