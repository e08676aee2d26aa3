import type { Ids } from "../../platform/ids.ts";
import type { RevisionSpec, StartOutcome } from "../serving.ts";
import { imagesOf } from "../workload.ts";
import { affinityKey } from "./affinity.ts";
import { mayQueue, nextAverageStartMs, type QueueStats, type Refusal, refusalOf, waitLimitMs } from "./admission.ts";
import { planScaling, startBackoffMs } from "./autoscale.ts";
import type { Evictable, HostCapacity } from "./host-capacity.ts";
import { Instance, type InstanceDeps } from "./instance.ts";
import { pickInstance } from "./pick.ts";
import { requestQueue, type RequestQueue } from "./request-queue.ts";
import type { StartReason } from "../logs/system-messages.ts";

export interface RevisionPoolDeps extends InstanceDeps {
  readonly ids: Ids;
  readonly host: HostCapacity;
}

/** An instance for one request; dispose when the request has ended. */
export interface Lease extends Disposable {
  readonly instance: Instance;
  /** To be awaited before the request is sent, if there: the instance gets its CPU back. */
  readonly awake: Promise<void> | undefined;
}

export type Acquired =
  | { readonly lease: Lease }
  | { readonly refusal: Refusal }
  | { readonly refusal: "REVISION_REMOVED" }
  | { readonly refusal: "START_FAILED"; readonly outcome: Extract<StartOutcome, { ready: false }> };

const INSTANCE_ID_LENGTH = 40;
const HEXADECIMAL = "0123456789abcdef";

/** The instances of one revision: starts, shares out, replaces and stops them. All of it is memory only. */
export class RevisionPool {
  /** What stands for the revision in cookies of session affinity. */
  readonly affinityKey: string;
  readonly #deps: RevisionPoolDeps;
  readonly #instances = new Map<string, Instance>();
  readonly #queue: RequestQueue<Acquired>;
  #spec: RevisionSpec;
  /** What the last instance runs that became ready. */
  #proven: RevisionSpec | undefined;
  #isRolling = false;
  #averageStartMs: number | undefined;
  #failures = 0;
  #retryAtMs = 0;
  #timer: Disposable | undefined;
  #removed = false;

  constructor(deps: RevisionPoolDeps, spec: RevisionSpec) {
    this.#deps = deps;
    this.#spec = spec;
    this.affinityKey = affinityKey(spec.name);
    this.#queue = requestQueue<Acquired>({
      clock: deps.clock,
      limitMs: () => waitLimitMs(this.#queueStats()),
      expired: () => ({ refusal: refusalOf(this.#queueStats()) }),
    });
    this.#scale();
  }

  get spec(): RevisionSpec {
    return this.#spec;
  }

  /**
   * Takes on changed scaling; instances that run keep what else they were started with. But when the image is another
   * one, instances of it take their place, one after the other; should it not start, the earlier one stays.
   */
  update(spec: RevisionSpec): void {
    this.#spec = spec;
    if (!this.#isRolling) void this.#roll();
    this.#scale();
  }

  /**
   * An instance for a request, at once or after a wait; `preferred`, an instance's id, if that one has room. Rejects with
   * the signal's reason when it aborts first.
   */
  async acquire(signal: AbortSignal, preferred?: string): Promise<Acquired> {
    const acquired = this.#removed ? removed : (this.#tryLease(preferred) ?? (await this.#enqueue(signal)));
    if ("lease" in acquired) await acquired.lease.awake;
    return acquired;
  }

  /** Starts an instance if none runs; resolves when one is ready, or with the failure of the start. */
  async awaitReady(signal?: AbortSignal): Promise<StartOutcome> {
    if (this.#removed) return { ready: false, reason: "RUNTIME", message: "The revision is removed.", logTail: [] };
    const alive = this.#alive();
    if (alive.some(({ state }) => state === "ready")) return { ready: true };
    const instance = alive[0] ?? this.#start("DEPLOYMENT_ROLLOUT");
    return signal === undefined ? instance.outcome : orAbort(instance.outcome, signal);
  }

  counts(): { starting: number; active: number; idle: number } {
    const alive = this.#alive();
    const starting = alive.filter(({ state }) => state === "starting").length;
    const active = alive.filter((instance) => instance.active > 0).length;
    return { starting, active, idle: alive.length - starting - active };
  }

  /** Idle instances that minInstances does not need, for a host that is short of memory. */
  evictable(): readonly Evictable[] {
    const alive = this.#alive();
    const idle = alive.filter(({ state, active }) => state === "ready" && active === 0);
    return idle.slice(0, Math.max(0, alive.length - this.#spec.minInstances)).map((instance) => ({
      idleSinceMs: instance.idleSinceMs,
      evict: () => instance.stop({ drain: true }),
    }));
  }

  /** Stops every instance; with `drain`, once their requests are finished. Requests that wait are refused. */
  async remove(options: { readonly drain: boolean }): Promise<void> {
    this.#removed = true;
    this.#timer?.[Symbol.dispose]();
    this.#queue.fail(removed);
    await Promise.all([...this.#instances.values()].map((instance) => instance.stop(options)));
  }

  #enqueue(signal: AbortSignal): Promise<Acquired> {
    const stats = this.#queueStats();
    if (!mayQueue(stats)) return Promise.resolve({ refusal: refusalOf(stats) });
    const turn = this.#queue.join(signal);
    this.#scale();
    return turn;
  }

  #tryLease(preferred?: string): { readonly lease: Lease } | undefined {
    const instance = pickInstance(this.#instances.values(), this.#spec.concurrency, preferred);
    if (instance === undefined) return undefined;
    const awake = instance.enter();
    let held = true;
    const release = () => {
      if (held) instance.leave();
      held = false;
    };
    return { lease: { instance, awake, [Symbol.dispose]: release } };
  }

  #changed(): void {
    if (this.#removed) return;
    this.#queue.serve(() => this.#tryLease());
    this.#scale();
  }

  #scale(): void {
    if (this.#removed) return;
    const nowMs = this.#deps.clock.nowMs();
    const plan = planScaling(nowMs, {
      instances: this.#alive(),
      queued: this.#queue.length,
      concurrency: this.#spec.concurrency,
      minInstances: this.#spec.minInstances,
      maxInstances: this.#spec.maxInstances,
      idleMs: this.#deps.settings.idleMs,
      retryAtMs: this.#retryAtMs,
    });
    for (let n = 0; n < plan.start.forTraffic; n++) this.#start("AUTOSCALING");
    for (let n = 0; n < plan.start.forMinimum; n++) this.#start("MANUAL_OR_CUSTOMER_MIN_INSTANCE");
    for (const id of plan.stop) void this.#instances.get(id)?.stop({ drain: true });
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (plan.nextMs !== undefined) {
      this.#timer = this.#deps.clock.after(Math.max(1, plan.nextMs - nowMs), () => this.#scale());
    }
  }

  #start(reason: StartReason): Instance {
    const startMs = this.#deps.clock.nowMs();
    const id = this.#deps.ids.text(INSTANCE_ID_LENGTH, HEXADECIMAL);
    const essential = () => this.#alive().length <= 1;
    const changed = () => this.#changed();
    const instance = new Instance(this.#deps, { id, spec: this.#spec, reason, essential, changed });
    this.#instances.set(id, instance);
    void this.#follow(instance, startMs);
    return instance;
  }

  async #follow(instance: Instance, startMs: number): Promise<void> {
    this.#started(instance, await instance.outcome, startMs);
    await instance.closed;
    this.#instances.delete(instance.id);
    this.#changed();
  }

  /** Replaces instances of another image, each as soon as its successor is ready, so that no request notices. */
  async #roll(): Promise<void> {
    this.#isRolling = true;
    await this.#replaceOutdated();
    this.#isRolling = false;
  }

  async #replaceOutdated(): Promise<void> {
    for (let old = this.#outdated(); old !== undefined && !this.#removed; old = this.#outdated()) {
      const successors = this.#alive().filter(({ spec, state }) => this.#isCurrent(spec) && state === "ready").length;
      if (old.active > 0 || successors < Math.max(1, this.#spec.minInstances)) {
        const outcome = await this.#start("DEPLOYMENT_ROLLOUT").outcome;
        // It may have been stopped for want of memory, too: what runs then stays until the next update.
        if (!outcome.ready) return;
      }
      void old.stop({ drain: true });
    }
  }

  #outdated(): Instance | undefined {
    return this.#alive().find(({ spec }) => !this.#isCurrent(spec));
  }

  #isCurrent(spec: RevisionSpec): boolean {
    return imagesOf(spec) === imagesOf(this.#spec);
  }

  /** Goes back to the image that starts when the one in its place does not. */
  #fallBack({ spec }: Instance): boolean {
    const proven = this.#proven;
    if (proven === undefined || this.#isCurrent(proven) || !this.#isCurrent(spec)) return false;
    const about = { revision: spec.name, images: imagesOf(spec) };
    this.#deps.log.error("an updated image does not start; the earlier one stays", about);
    this.#spec = { ...this.#spec, containers: proven.containers };
    return true;
  }

  #started(instance: Instance, outcome: StartOutcome, startMs: number): void {
    const nowMs = this.#deps.clock.nowMs();
    if (!outcome.ready && this.#fallBack(instance)) return;
    if (outcome.ready) {
      this.#proven = instance.spec;
      this.#averageStartMs = nextAverageStartMs(this.#averageStartMs, nowMs - startMs);
      this.#failures = 0;
      return;
    }
    this.#failures++;
    this.#retryAtMs = nowMs + startBackoffMs(this.#failures);
    // While another instance runs or starts, the requests wait for that one.
    if (this.#alive().length === 0) this.#queue.fail({ refusal: "START_FAILED", outcome });
  }

  #alive(): Instance[] {
    return [...this.#instances.values()].filter(({ state }) => state === "starting" || state === "ready");
  }

  #queueStats(): QueueStats {
    const alive = this.#alive();
    return {
      queued: this.#queue.length,
      starting: alive.filter(({ state }) => state === "starting").length,
      alive: alive.length,
      maxInstances: this.#spec.maxInstances,
      averageStartMs: this.#averageStartMs,
      pendingMs: this.#deps.settings.pendingMs,
    };
  }
}

const removed: Acquired = { refusal: "REVISION_REMOVED" };

/** The outcome, unless the signal aborts first; then rejects with its reason. */
async function orAbort<T>(outcome: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([outcome, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
