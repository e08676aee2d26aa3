import type { Ids } from "../../platform/ids.ts";
import type { RevisionSpec, StartOutcome } from "../serving.ts";
import { affinityKey } from "./affinity.ts";
import { mayQueue, type QueueStats, type Refusal, refusalOf, waitLimitMs } from "./admission.ts";
import { planScaling, type ScalingPlan } from "./autoscale.ts";
import type { Evictable, Host } from "./host-capacity.ts";
import { Instance, type InstanceDeps } from "./instance.ts";
import { newInstanceId } from "../instance-id.ts";
import { instanceEnds } from "./instance-ends.ts";
import { instanceSet } from "./instance-set.ts";
import { loadMeter, type LoadMeter } from "./load-meter.ts";
import { BUCKET_MS } from "./load-window.ts";
import { orAbort } from "./or-abort.ts";
import { pickInstance } from "./pick.ts";
import { isSameImage, type ProvenImage, provenImage } from "./proven-image.ts";
import { requestQueue, type RequestQueue } from "./request-queue.ts";
import { roll } from "./roll.ts";
import { startBackoff } from "./start-backoff.ts";
import { timings } from "./timings.ts";
import { wakeTimer, type WakeTimer } from "./wake-timer.ts";
import type { StartReason } from "../logs/system-messages.ts";

export interface RevisionPoolDeps extends Omit<InstanceDeps, "host"> {
  readonly ids: Ids;
  readonly host: Host;
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

/** The instances of one revision: starts, shares out, replaces and stops them. All of it is memory only. */
export class RevisionPool {
  /** What stands for the revision in cookies of session affinity. */
  readonly affinityKey: string;
  readonly #deps: InstanceDeps & Pick<RevisionPoolDeps, "ids">;
  readonly #instances = instanceSet();
  readonly #backoff = startBackoff();
  readonly #ends = instanceEnds(this.#backoff, () => this.#spec.onCompleted?.());
  readonly #timings = timings();
  readonly #image: ProvenImage;
  readonly #load: LoadMeter;
  readonly #timer: WakeTimer;
  readonly #queue: RequestQueue<Acquired>;
  readonly #roll = roll<Instance>({
    alive: () => (this.#removed ? [] : this.#instances.alive()),
    isCurrent: ({ spec }) => isSameImage(spec, this.#spec),
    minInstances: () => this.#spec.minInstances,
    start: () => this.#start("DEPLOYMENT_ROLLOUT"),
    stop: (instance) => void this.#stop(instance, { drain: true }),
  });
  #spec: RevisionSpec;
  #plannedFor = 0;
  #spread = Infinity;
  #removed = false;

  constructor(deps: RevisionPoolDeps, spec: RevisionSpec) {
    this.#deps = { ...deps, host: deps.host.shareOf(() => this.#backoff.isFailing) };
    this.#image = provenImage(deps.log);
    this.#load = loadMeter(deps.clock);
    this.#timer = wakeTimer(deps.clock, () => {
      this.#load.sample(this.#instances.ready());
      this.#scale();
    });
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
    if (spec.maxInstances === 0) this.#queue.fail({ refusal: "DISABLED" });
    void this.#roll.run().then(() => this.#scale());
    this.#scale();
  }

  /** As `acquire`, without waiting for anything: undefined when no instance has room. The lease may not be awake yet. */
  acquireNow(preferred?: string): Lease | undefined {
    const acquired = this.#removed ? undefined : this.#tryLease(preferred);
    if (acquired !== undefined) this.#load.count(1);
    return acquired?.lease;
  }

  /**
   * An instance for a request, at once or after a wait; `preferred`, an instance's id, if that one has room. Rejects with
   * the signal's reason when it aborts first.
   */
  async acquire(signal: AbortSignal, preferred?: string): Promise<Acquired> {
    if (this.#removed) return removed;
    this.#load.count(1);
    let acquired: Acquired | undefined;
    try {
      acquired = this.#tryLease(preferred) ?? (await this.#enqueue(signal));
    } finally {
      if (acquired === undefined || !("lease" in acquired)) this.#load.count(-1);
    }
    if ("lease" in acquired) await acquired.lease.awake;
    return acquired;
  }

  /**
   * Starts an instance if none runs; resolves when one is ready and the starts of minInstances have ended, too, or with
   * the failure of the first start. With maxInstances 0 there is nothing to wait for.
   */
  async awaitReady(signal?: AbortSignal): Promise<StartOutcome> {
    if (this.#removed) return { ready: false, reason: "RUNTIME", message: "The revision is removed.", logTail: [] };
    if (this.#spec.maxInstances === 0) return { ready: true };
    const isReady = this.#instances.ready().length > 0;
    const first = this.#instances.alive()[0] ?? this.#start("DEPLOYMENT_ROLLOUT");
    const outcome: StartOutcome = isReady ? { ready: true } : await orAbort(first.outcome, signal);
    // One that was not needed any more says nothing about the others.
    if (!outcome.ready) return this.#ends.isExpected(first) ? this.awaitReady(signal) : outcome;
    const others = this.#instances.alive().slice(0, this.#spec.minInstances);
    await orAbort(Promise.all(others.map((instance) => instance.outcome)), signal);
    return outcome;
  }

  counts(): { starting: number; active: number; idle: number } {
    return this.#instances.counts();
  }

  /** Idle instances that minInstances does not need, for a host that is short of memory. */
  evictable(): readonly Evictable[] {
    const spare = Math.max(0, this.#instances.aliveCount - this.#spec.minInstances);
    return this.#instances
      .idle()
      .slice(0, spare)
      .map((instance) => ({
        idleSinceMs: instance.idleSinceMs,
        evict: () => this.#stop(instance, { drain: true }),
      }));
  }

  /** Stops every instance; with `drain`, once their requests are finished. Requests that wait are refused. */
  async remove(options: { readonly drain: boolean }): Promise<void> {
    this.#removed = true;
    this.#timer[Symbol.dispose]();
    this.#queue.fail(removed);
    await Promise.all([...this.#instances.all()].map((instance) => this.#stop(instance, options)));
  }

  #enqueue(signal: AbortSignal): Promise<Acquired> {
    const stats = this.#queueStats();
    if (!mayQueue(stats)) return Promise.resolve({ refusal: refusalOf(stats) });
    const turn = this.#queue.join(signal);
    this.#scale();
    return turn;
  }

  #tryLease(preferred?: string): { readonly lease: Lease } | undefined {
    const { concurrency } = this.#spec;
    const instance = pickInstance(this.#instances.all(), { concurrency, spread: this.#spread, preferred });
    if (instance === undefined) return undefined;
    const awake = instance.enter();
    const sinceMs = this.#deps.clock.nowMs();
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      this.#load.count(-1);
      this.#timings.served(this.#deps.clock.nowMs() - sinceMs);
      instance.leave();
    };
    return { lease: { instance, awake, [Symbol.dispose]: release } };
  }

  #changed(): void {
    if (this.#removed) return;
    if (this.#queue.length > 0) this.#queue.serve(() => this.#tryLease());
    // Most requests end and change nothing: the timer will see to the instance that becomes idle.
    const idleMs = this.#deps.clock.nowMs() + this.#deps.settings.idleMs;
    const isSettled = this.#queue.length === 0 && this.#timer.dueMs <= idleMs;
    if (!isSettled || this.#instances.aliveCount !== this.#plannedFor) this.#scale();
  }

  #scale(): void {
    if (this.#removed) return;
    const nowMs = this.#deps.clock.nowMs();
    this.#ends.note(this.#instances.all(), nowMs);
    const plan = this.#plan(nowMs, this.#instances.alive());
    this.#spread = plan.spread;
    for (let n = 0; n < plan.start.forTraffic; n++) this.#start("AUTOSCALING");
    for (let n = 0; n < plan.start.forMinimum; n++) this.#start("MANUAL_OR_CUSTOMER_MIN_INSTANCE");
    for (const id of plan.stop) void this.#stop(this.#instances.get(id)!, { drain: true });
    this.#plannedFor = this.#instances.aliveCount;
    this.#timer.set(Math.min(plan.nextMs ?? Infinity, this.#isBusy() ? nowMs + BUCKET_MS : Infinity));
  }

  #plan(nowMs: number, instances: readonly Instance[]): ScalingPlan {
    return planScaling(nowMs, {
      ...this.#spec,
      ...this.#backoff,
      instances,
      queued: this.#queue.length,
      load: this.#load.average(),
      cpusPerInstance: this.#spec.containers.reduce((sum, { limits }) => sum + limits.cpus, 0),
      settleMs: this.#timings.settleMs(this.#queue.length, this.#instances.ready().length * this.#spec.concurrency),
      surge: this.#roll.isRunning ? 1 : 0,
      idleMs: this.#deps.settings.idleMs,
    });
  }

  /** Whether the averages may change: an instance whose CPU is taken away between requests uses none. */
  #isBusy(): boolean {
    const isAsked = this.#load.requests > 0 || this.#load.average().requests > 0;
    return this.#instances.aliveCount > 0 && (isAsked || !this.#spec.cpuIdle);
  }

  #stop(instance: Instance, options: { readonly drain: boolean }): Promise<void> {
    this.#ends.expect(instance);
    return instance.stop(options);
  }

  #start(reason: StartReason): Instance {
    const id = newInstanceId(this.#deps.ids);
    const mayStart = (hasRoom: boolean) => this.#mayStart(instance, reason, hasRoom);
    const changed = () => this.#changed();
    const instance = new Instance(this.#deps, { id, spec: this.#spec, reason, mayStart, changed });
    this.#instances.add(instance);
    void this.#follow(instance);
    return instance;
  }

  /** An instance that has waited for its turn may not be needed any more, or no longer be wanted by what has failed. */
  #mayStart(instance: Instance, reason: StartReason, hasRoom: boolean): boolean {
    const nowMs = this.#deps.clock.nowMs();
    this.#instances.begin(instance, nowMs);
    if (!hasRoom && this.#instances.aliveCount > 1) return false;
    if (reason === "DEPLOYMENT_ROLLOUT" || instance.state !== "starting") return true;
    const others = this.#instances.begun().filter((other) => other !== instance);
    const { start } = this.#plan(nowMs, others);
    if (start.forTraffic + start.forMinimum > 0) return true;
    this.#ends.expect(instance);
    return false;
  }

  async #follow(instance: Instance): Promise<void> {
    this.#started(instance, await instance.outcome);
    await instance.closed;
    this.#instances.delete(instance);
    this.#changed();
  }

  #started(instance: Instance, outcome: StartOutcome): void {
    const nowMs = this.#deps.clock.nowMs();
    const earlier = outcome.ready ? undefined : this.#image.fallBack(instance.spec, this.#spec);
    if (earlier !== undefined) {
      this.#spec = earlier;
      return;
    }
    if (outcome.ready) {
      this.#image.prove(instance.spec);
      this.#timings.started(nowMs, nowMs - (this.#instances.beganMs(instance) ?? nowMs));
      this.#ends.ready(instance, nowMs);
      this.#load.watch(instance);
      this.#backoff.succeeded();
      return;
    }
    if (this.#ends.isExpected(instance)) return;
    this.#backoff.failed(nowMs, this.#instances.beganMs(instance) ?? nowMs);
    // While another instance runs or starts, the requests wait for that one.
    if (this.#instances.begun().length === 0) this.#queue.fail({ refusal: "START_FAILED", outcome });
  }

  #queueStats(): QueueStats {
    const alive = this.#instances.alive();
    return {
      queued: this.#queue.length,
      starting: alive.filter(({ state }) => state === "starting").length,
      alive: alive.length,
      maxInstances: this.#spec.maxInstances,
      averageStartMs: this.#timings.averageStartMs,
      pendingMs: this.#deps.settings.pendingMs,
    };
  }
}

const removed: Acquired = { refusal: "REVISION_REMOVED" };
