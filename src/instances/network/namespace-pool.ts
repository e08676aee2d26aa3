import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { NetworkError } from "./network.ts";
import type { Namespace } from "./namespaces.ts";

/** Making a namespace competes for the processor with the start of what took the last one, which goes first. */
const REFILL_AFTER_MS = 500;

export interface NamespacePoolDeps {
  readonly create: (index: number) => Promise<Namespace>;
  readonly remove: (index: number) => Promise<void>;
  /** How many indexes exist, from 0 up. */
  readonly capacity: number;
  /** How many namespaces are kept ready. */
  readonly warm: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Prepared namespaces; disposing removes those not handed out. */
export interface NamespacePool extends AsyncDisposable {
  /** Starts to prepare namespaces. */
  fill(): void;
  take(): Promise<Namespace>;
  /** Destroys a namespace that was taken; its index comes up again as late as possible. */
  giveBack(namespace: Namespace): Promise<void>;
}

/** Keeps namespaces ready, because making one takes longer than a sandbox should wait. */
export function createNamespacePool(deps: NamespacePoolDeps): NamespacePool {
  const freeIndexes = Array.from({ length: deps.capacity }, (_, index) => index);
  const ready: Namespace[] = [];
  let filling: Promise<void> | undefined;
  let refill: Disposable | undefined;
  const closing = new AbortController();

  async function make(): Promise<Namespace> {
    const index = freeIndexes.shift();
    if (index === undefined) throw new NetworkError(`all ${deps.capacity} addresses are in use`);
    try {
      return await deps.create(index);
    } catch (error) {
      freeIndexes.push(index);
      throw error;
    }
  }

  async function remove(namespace: Namespace): Promise<void> {
    await deps.remove(namespace.index);
    freeIndexes.push(namespace.index);
  }

  async function makeUntilEnough(): Promise<void> {
    while (!closing.signal.aborted && ready.length < deps.warm && freeIndexes.length > 0) ready.push(await make());
  }

  function fill(): void {
    filling ??= makeUntilEnough()
      .catch((error: unknown) => deps.log.error("a network namespace could not be prepared", { error }))
      .finally(() => (filling = undefined));
  }

  return {
    fill,
    async take() {
      if (closing.signal.aborted) throw new NetworkError("the network is closed");
      const namespace = ready.shift() ?? (await make());
      refill ??= deps.clock.after(REFILL_AFTER_MS, () => {
        refill = undefined;
        fill();
      });
      return namespace;
    },
    giveBack: remove,
    async [Symbol.asyncDispose]() {
      closing.abort();
      refill?.[Symbol.dispose]();
      await filling;
      await Promise.all(ready.splice(0).map(remove));
    },
  };
}
