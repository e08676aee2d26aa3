import { Daemon, type DaemonDeps, MAX_VOLUMES, type MountRequest } from "./daemon.ts";

/** How long after a mount a process for the next instance is started. */
const SPARE_DELAY_MS = 3000;

/** The processes that serve volumes: one for each instance that has some. */
export interface Daemons {
  /** Mounts a volume of an instance; rejects with an Error for the user. Disposing unmounts it. */
  mount(instanceId: string, request: MountRequest): Promise<AsyncDisposable>;
}

/** Starts daemons. Once there was one, the next is kept ready, since starting Node.js takes longer than mounting. */
export function createDaemons(deps: DaemonDeps): Daemons {
  const byInstance = new Map<string, Daemon>();
  let spare: Daemon | undefined;

  function daemonOf(instanceId: string): Daemon {
    const own = byInstance.get(instanceId);
    if (own !== undefined && own.alive && own.volumes < MAX_VOLUMES) return own;
    const daemon = spare !== undefined && spare.alive ? spare : new Daemon(deps);
    spare = undefined;
    byInstance.set(instanceId, daemon);
    return daemon;
  }

  async function release(instanceId: string, daemon: Daemon): Promise<void> {
    if (daemon.volumes > 0) return;
    if (byInstance.get(instanceId) === daemon) byInstance.delete(instanceId);
    await daemon[Symbol.asyncDispose]();
  }

  return {
    async mount(instanceId, request) {
      const daemon = daemonOf(instanceId);
      await using undo = new AsyncDisposableStack();
      undo.defer(() => release(instanceId, daemon));
      undo.use(await daemon.mount(request));
      // Not now, when the instance needs the CPU to start.
      deps.clock.after(SPARE_DELAY_MS, () => void (spare ??= new Daemon(deps)));
      const owned = undo.move();
      return { [Symbol.asyncDispose]: () => owned.disposeAsync() };
    },
  };
}
