import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { SandboxError, type Sandboxes } from "../sandbox.ts";

export interface SandboxesDeps {
  /** Bundles and writable layers live below it; the name of the cgroup parent derives from it. */
  readonly dataDir: string;
  /** Path of the OCI runtime. */
  readonly runtime: string;
  readonly runtimeKind: "crun" | "runc" | "runsc";
  readonly clock: Clock;
  readonly log: Log;
}

/** Sandboxes of the machine's OCI runtime; disposing stops every container that is left. Needs root. */
export function createSandboxes(deps: SandboxesDeps): Sandboxes & AsyncDisposable {
  throw new SandboxError(`not available in ${deps.dataDir}`);
}
