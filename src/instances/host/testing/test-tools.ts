import { existsSync } from "node:fs";
import { mkdir, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureHostTools } from "../../../oci/tools/host-tools.ts";
import { systemClock } from "../../../platform/clock.ts";

const SYSTEM_PATH = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
const LOCK_RETRY_MS = 100;

/** The programs that tests of sandboxes and networks run. */
export interface TestTools {
  /** Every OCI runtime of the host, or the one homerun fetches where there is none. */
  readonly runtimes: readonly { readonly kind: "crun" | "runc"; readonly path: string }[];
  readonly ip: string;
  readonly nft: string;
}

/** Finds the host's programs; fetches what is missing as a server would, once for all tests of the machine. */
export async function testTools(): Promise<TestTools> {
  const installed = hostRuntimes();
  const [ip, nft] = [hostProgram("ip"), hostProgram("nft")];
  if (installed.length > 0 && ip && nft) return { runtimes: installed, ip, nft };
  const tools = await fetchTools();
  const kind = tools.runtimeKind === "crun" ? "crun" : "runc";
  return { ...tools, runtimes: installed.length > 0 ? installed : [{ kind, path: tools.runtime }] };
}

/** The OCI runtimes that are installed. */
export function hostRuntimes(): { kind: "crun" | "runc"; path: string }[] {
  return (["crun", "runc"] as const).flatMap((kind) => {
    const path = hostProgram(kind);
    return path === undefined ? [] : [{ kind, path }];
  });
}

/** The path of a program of the host, if it is installed. */
export function hostProgram(name: string): string | undefined {
  return SYSTEM_PATH.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Test files run at the same time, and only one of them may fill the folder. */
async function fetchTools() {
  const dataFolder = join(tmpdir(), "homerun-test-tools");
  const lock = join(tmpdir(), "homerun-test-tools.lock");
  while (
    !(await mkdir(lock).then(
      () => true,
      () => false,
    ))
  )
    await systemClock.sleep(LOCK_RETRY_MS);
  try {
    return await ensureHostTools({ dataFolder, clock: systemClock });
  } finally {
    await rmdir(lock);
  }
}
