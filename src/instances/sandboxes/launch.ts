import type { SandboxSpec } from "../sandbox.ts";

/**
 * Runs in a mount namespace of its own, so that the mounts disappear with the sandbox however it ends:
 * $1 the layers, $2 options of the in-memory writable layer or "disk", $3 a mount to leave out or "", then the runtime.
 * /tmp is open to all whatever the image says; runc gives what it mounts there the mode of the folder below.
 */
const SCRIPT = `
set -e
umask 022
layers=$1 writable=$2 without=$3
shift 3
if [ -n "$without" ]; then umount "$without"; fi
volatile=
if [ "$writable" = disk ]; then volatile=,volatile; else mount -t tmpfs -o "$writable" tmpfs writable; fi
mkdir -p -m 1777 writable/upper/tmp writable/work
mount -t overlay -o "nosuid,nodev,lowerdir=$layers,upperdir=writable/upper,workdir=writable/work$volatile" overlay rootfs
exec "$@"
`;

export interface LaunchOptions {
  readonly runtime: string;
  readonly runtimeKind: "crun" | "runc" | "runsc";
  /** Folder where the runtime keeps its own state. */
  readonly stateDir: string;
  readonly id: string;
  readonly network: SandboxSpec["network"];
  readonly writableRoot: SandboxSpec["writableRoot"];
  /** How many layers the folder has, as links layers/0 (lowest), layers/1 and so on. */
  readonly layerCount: number;
  readonly memoryBytes: number;
  /** A mount the runtime must not see, if any. */
  readonly hiddenMount: string | undefined;
}

/** Name of the file in the sandbox's folder that the runtime writes once the container's process runs. */
export const PID_FILE = "pid";
/** Name of the file in the sandbox's folder in which the runtime says what went wrong. */
export const RUNTIME_LOG = "runtime.log";
export const LAYERS_FOLDER = "layers";
export const WRITABLE_FOLDER = "writable";
export const ROOT_FOLDER = "rootfs";

/**
 * The command that runs a prepared sandbox from its folder and ends with it. The kernel kills everything when the
 * server dies: the first process has it as parent-death signal, and all the others are in the PID namespace below it.
 */
export function launchCommand(options: LaunchOptions): { command: string; args: string[]; env: NodeJS.ProcessEnv } {
  const layers = Array.from({ length: options.layerCount }, (_, index) => `${LAYERS_FOLDER}/${index}`);
  const writable = options.writableRoot === "disk" ? "disk" : `mode=0755,size=${options.memoryBytes}`;
  return {
    command: "setpriv",
    // The newer system call for mounts takes options of at most 256 bytes, too few for the names of many layers.
    env: { PATH: process.env["PATH"], LIBMOUNT_FORCE_MOUNT2: "always" },
    args: [
      ...words("--pdeathsig KILL unshare --mount --propagation slave --pid --mount-proc --fork --kill-child sh -c"),
      SCRIPT,
      "sh",
      layers.reverse().join(":"),
      writable,
      options.hiddenMount ?? "",
      ...runtimeCommand(options),
    ],
  };
}

function runtimeCommand(options: LaunchOptions): string[] {
  const { runtime, stateDir, id } = options;
  const run = words(`--log ${RUNTIME_LOG} --log-format json run --bundle . --pid-file ${PID_FILE}`);
  return [runtime, "--root", stateDir, ...gvisorFlags(options), ...run, id];
}

/** gVisor has a network stack of its own, which takes the addresses over from the namespace it is given. */
function gvisorFlags({ runtimeKind, network }: LaunchOptions): string[] {
  return runtimeKind === "runsc" ? words(`--network ${network === "none" ? "none" : "sandbox"}`) : [];
}

function words(text: string): string[] {
  return text.split(" ");
}
