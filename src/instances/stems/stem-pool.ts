import type { Clock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Log } from "../../platform/log.ts";
import type { Evictable } from "../pool/host-capacity.ts";
import { type PlannedKind, planStems } from "./plan-stems.ts";
import { startStem, type Stem, type StemDeps, type StemKind } from "./stem.ts";

export interface StemPoolDeps extends StemDeps {
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: Log;
  /** Memory that stems may take together. */
  readonly budgetBytes: number;
  /** Whether the host has memory to spare. */
  readonly hasRoom: () => boolean;
}

interface Shelf {
  readonly kind: StemKind;
  readonly stems: Stem[];
  lastUsedMs: number;
  memoryBytes: number;
  failures: number;
}

/** What a stem is taken to need before one of its kind has run. */
const ESTIMATED_BYTES = 64 * 1024 * 1024;
/** Starting a stem competes for the processor with what was started just before, which goes first. */
const QUIET_MS = 500;
const MEMORY_CHECK_MS = 5_000;
/** A kind that does not start twice in a row is given up. */
const MOST_FAILURES = 2;

/** Stems that wait, by kind. Disposing removes them. */
export class StemPool implements AsyncDisposable {
  readonly #deps: StemPoolDeps;
  readonly #shelves = new Map<string, Shelf>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #memoryCheck: Disposable;
  #starting: Promise<void> | undefined;
  #soon: Disposable | undefined;
  #busyStarts = 0;

  constructor(deps: StemPoolDeps) {
    this.#deps = deps;
    this.#memoryCheck = deps.clock.every(MEMORY_CHECK_MS, () => this.#checkMemory());
  }

  /** A stem of that kind, if one waits; the caller's from now on. The kind counts as used, and gets another one soon. */
  take(kind: StemKind): Stem | undefined {
    return this.#use(kind).stems.shift();
  }

  /** Counts a kind as used without taking one. */
  want(kind: StemKind): void {
    this.#use(kind);
  }

  /** How many stems of all kinds wait. */
  get waiting(): number {
    return [...this.#shelves.values()].reduce((sum, { stems }) => sum + stems.length, 0);
  }

  /** Tells that a request waits for a start, until disposed; no stem is started meanwhile. */
  busy(): Disposable {
    this.#busyStarts++;
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) this.#busyStarts--;
        held = false;
        this.#refillSoon();
      },
    };
  }

  /** All that wait, for a host that is short of memory: they go before any instance does. */
  evictable(): readonly Evictable[] {
    return [...this.#shelves.values()].flatMap(({ stems }) =>
      stems.map((stem) => ({
        idleSinceMs: 0,
        evict: async () => {
          const index = stems.indexOf(stem);
          if (index < 0) return;
          this.#drop(stems.splice(index, 1));
          await Promise.all(this.#leaving);
        },
      })),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#memoryCheck[Symbol.dispose]();
    this.#soon?.[Symbol.dispose]();
    await this.#starting;
    for (const { stems } of this.#shelves.values()) this.#drop(stems.splice(0));
    await Promise.all(this.#leaving);
  }

  get #closed(): boolean {
    return this.#deps.closing.aborted;
  }

  #use(kind: StemKind): Shelf {
    const fresh = { kind, stems: [], lastUsedMs: 0, memoryBytes: ESTIMATED_BYTES, failures: 0 };
    const shelf = this.#shelves.get(kind.key) ?? fresh;
    this.#shelves.set(kind.key, shelf);
    shelf.lastUsedMs = this.#deps.clock.nowMs();
    this.#refillSoon();
    return shelf;
  }

  #refillSoon(): void {
    this.#soon?.[Symbol.dispose]();
    this.#soon = this.#deps.clock.after(QUIET_MS, () => void this.#refill());
  }

  async #refill(): Promise<void> {
    if (this.#closed || this.#starting !== undefined || this.#busyStarts > 0) return;
    const plan = planStems(this.#planned(), this.#deps.hasRoom() ? this.#deps.budgetBytes : 0);
    for (const key of plan.stop) this.#drop(this.#shelves.get(key)?.stems.splice(0, 1) ?? []);
    const shelf = plan.start === undefined ? undefined : this.#shelves.get(plan.start);
    if (shelf === undefined) return;
    this.#starting = this.#start(shelf).finally(() => (this.#starting = undefined));
    await this.#starting;
    if (!this.#closed) this.#refillSoon();
  }

  #planned(): PlannedKind[] {
    return [...this.#shelves.values()].map(({ kind: { key }, stems, lastUsedMs, memoryBytes }) => {
      return { key, waiting: stems.length, lastUsedMs, memoryBytes };
    });
  }

  async #start(shelf: Shelf): Promise<void> {
    const { ids, log } = this.#deps;
    try {
      const stem = await startStem(this.#deps, `stem-${ids.uuid()}`, shelf.kind);
      Object.assign(shelf, { failures: 0, memoryBytes: stem.memoryBytes });
      shelf.stems.push(stem);
      void stem.exited.then(() => this.#forget(shelf, stem));
    } catch (error) {
      if (this.#closed) return;
      log.warning("a stem does not start", { kind: shelf.kind.key, error });
      if (++shelf.failures >= MOST_FAILURES) this.#shelves.delete(shelf.kind.key);
    }
  }

  /** One that ended while it waited. */
  #forget({ stems }: Shelf, stem: Stem): void {
    const index = stems.indexOf(stem);
    if (index < 0) return;
    this.#drop(stems.splice(index, 1));
    this.#refillSoon();
  }

  #checkMemory(): void {
    if (this.#deps.hasRoom()) return this.#refillSoon();
    for (const { stems } of this.#shelves.values()) this.#drop(stems.splice(0));
  }

  #drop(stems: readonly Stem[]): void {
    for (const stem of stems) {
      const gone = this.#remove(stem);
      this.#leaving.add(gone);
      void gone.finally(() => this.#leaving.delete(gone));
    }
  }

  async #remove(stem: Stem): Promise<void> {
    try {
      await stem[Symbol.asyncDispose]();
    } catch (error) {
      this.#deps.log.error("a stem could not be removed", { error });
    }
  }
}
