import { closeSync, openSync } from "node:fs";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

const DEVICE = "/dev/fuse";
/** Where the mount program finds the descriptor it inherits. */
const INHERITED_FD = 3;

export interface FuseMountOptions {
  readonly mountPoint: string;
  /** What /proc/mounts shows as the source. */
  readonly source: string;
  /** What /proc/mounts shows behind "fuse.". */
  readonly subtype: string;
  readonly readOnly: boolean;
  /** More options of mount(8): "noexec". */
  readonly flags: readonly string[];
}

/**
 * Mounts a FUSE file system for all users, with the kernel checking permissions, and resolves with the descriptor that
 * serves it. Needs root. Rejects, saying what the host lacks, where there is no FUSE.
 */
export async function mountFuse(options: FuseMountOptions): Promise<number> {
  const fd = openDevice();
  try {
    const kernel = `fd=${INHERITED_FD},rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions`;
    const flags = ["nosuid", "nodev", options.readOnly ? "ro" : "rw", ...options.flags, `subtype=${options.subtype}`];
    await run(
      ["mount", "-i", "-n", "-t", "fuse", "-o", `${kernel},${flags.join(",")}`, options.source, options.mountPoint],
      fd,
    );
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Takes a mount out of the tree at once; who still uses it keeps it. Rejects when nothing is mounted there. */
export async function unmount(mountPoint: string): Promise<void> {
  await run(["umount", "-i", "-n", "-l", mountPoint]);
}

function openDevice(): number {
  try {
    return openSync(DEVICE, "r+");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(
      `The host has no FUSE, which volumes of secrets and buckets need: ${DEVICE} cannot be opened (${code}).`,
      { cause },
    );
  }
}

async function run([command, ...args]: string[], inherited?: number): Promise<void> {
  // The newer system calls for mounts do not take every option as text.
  const env = { PATH: process.env["PATH"], LIBMOUNT_FORCE_MOUNT2: "always" };
  const child = spawn(command!, args, {
    stdio: ["ignore", "ignore", "pipe", ...(inherited === undefined ? [] : [inherited])],
    env,
  });
  const { promise: exited, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("error", reject).once("close", resolve);
  const [code, said] = await Promise.all([exited, text(child.stderr!)]);
  if (code !== 0) throw new Error(`${command} ended with code ${code}: ${said.trim()}`);
}
