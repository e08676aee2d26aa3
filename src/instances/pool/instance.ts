import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { ContainerExit, ContainerGroup } from "../containers/container-group.ts";
import type { StartInstance } from "../containers/start-instance.ts";
import { type InstanceOutput, instanceOutput } from "../logs/instance-output.ts";
import { exitMessage, startingMessage, type StartReason } from "../logs/system-messages.ts";
import type { InstanceReading, InstanceReadings } from "../readings.ts";
import type { SandboxExit } from "../sandbox.ts";
import type { InstanceLogEntry, RevisionSpec, ServingSettings, StartOutcome } from "../serving.ts";
import { UsageCounter } from "../usage-counter.ts";
import { alwaysOn, type CpuThrottle, cpuThrottle } from "./cpu-throttle.ts";
import type { HostCapacity } from "./host-capacity.ts";
import { watchHealth } from "./instance-health.ts";
import { launch } from "./launch.ts";
import type { Upstream } from "./upstream.ts";

export interface InstanceDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly start: StartInstance;
  readonly host: HostCapacity;
  readonly writeLog: (entry: InstanceLogEntry) => void;
  readonly readings: Pick<InstanceReadings, "add">;
  readonly settings: ServingSettings;
}

/** What the pool wants to be started. */
export interface StartOrder {
  readonly id: string;
  readonly spec: RevisionSpec;
  readonly reason: StartReason;
  /** Whether it shall start, asked when its turn has come; `hasRoom`: the host has memory for it. */
  readonly mayStart: (hasRoom: boolean) => boolean;
  /** Called when an instance has become ready, has ended by itself, and when a request of it has ended. */
  readonly changed: () => void;
}

/** A start holds its slot no longer than this, so that containers that wait for something do not block others. */
const SLOT_MS = 1_000;
/** Google: Cloud Run, "Startup CPU boost": until 10 s after the instance has started. */
const BOOST_MS = 10_000;

/** One instance of a revision with all its containers, from its start until its network is given back. */
export class Instance {
  readonly id: string;
  readonly spec: RevisionSpec;
  state: "starting" | "ready" | "stopping" | "gone" = "starting";
  /** Requests it serves now. */
  active = 0;
  lastUsedMs = 0;
  idleSinceMs = 0;
  /** Whether it may get new requests while it is ready: no readiness probe of it has failed. */
  accepting = true;
  /** How the first of its containers has ended, once one has. */
  exit: SandboxExit | undefined;
  /** Resolves when one of its containers has ended, however it did. */
  readonly exited: Promise<void>;
  /** How the start ended. Never rejects. */
  readonly outcome: Promise<StartOutcome>;
  /** Resolves when containers and network are gone. Never rejects. */
  readonly closed: Promise<void>;

  readonly #deps: InstanceDeps;
  readonly #output: InstanceOutput;
  readonly #changed: () => void;
  readonly #abort = new AbortController();
  readonly #drained = Promise.withResolvers<void>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  readonly #ending = new AbortController();
  readonly #usage: UsageCounter;
  readonly #reading: Disposable;
  #throttle: CpuThrottle = alwaysOn;
  #upstream: Upstream | undefined;
  #group: ContainerGroup | undefined;
  #probes = 0;
  #stop: Promise<void> | undefined;

  constructor(deps: InstanceDeps, order: StartOrder) {
    const { id, spec, changed } = order;
    this.#deps = deps;
    this.id = id;
    this.spec = spec;
    this.#changed = changed;
    this.#output = instanceOutput(deps, spec, id);
    this.#usage = new UsageCounter(deps.clock);
    this.#reading = deps.readings.add(this);
    this.exited = this.#exited.promise;
    this.closed = this.#closed.promise;
    this.outcome = this.#start(order);
  }

  /** Connections to the main container; only for instances that get requests and have been ready. */
  get upstream(): Upstream {
    if (this.#upstream === undefined) throw new Error(`instance ${this.id} gets no requests`);
    return this.#upstream;
  }

  /** Counts a request in, and gives the CPU back; the result, if any, is to be awaited before the request is sent. */
  enter(): Promise<void> | undefined {
    this.active++;
    this.lastUsedMs = this.#deps.clock.nowMs();
    this.#usage.enter();
    return this.#throttle.wake();
  }

  leave(): void {
    this.active--;
    this.#usage.leave();
    if (this.active === 0) {
      this.idleSinceMs = this.#deps.clock.nowMs();
      if (this.state === "ready") this.#rest();
      else this.#drained.resolve();
    }
    this.#changed();
  }

  /** CPU time that its containers have had since it became ready or before; 0 before that and after the end. */
  async cpuUsedSeconds(): Promise<number> {
    return (await this.#group?.cpuUsedSeconds()) ?? 0;
  }

  /** What it used so far, for metrics. */
  async read(): Promise<InstanceReading> {
    const [cpuSeconds, memoryBytes = 0] = await Promise.all([this.cpuUsedSeconds(), this.#group?.memoryUsedBytes()]);
    const state = this.state === "starting" ? "starting" : this.active > 0 ? "active" : "idle";
    return { workload: this.spec, instanceId: this.id, state, cpuSeconds, memoryBytes, ...this.#usage.read() };
  }

  /**
   * Stops the instance: no new requests, with `drain` the old ones finish, then SIGTERM, and SIGKILL after the grace time.
   * Resolves when it is gone; idempotent.
   */
  stop(options: { readonly drain: boolean }): Promise<void> {
    this.#stop ??= this.#stopOnce();
    if (!options.drain || this.active === 0) this.#drained.resolve();
    return this.#stop;
  }

  async #start({ reason, mayStart }: StartOrder): Promise<StartOutcome> {
    const { host, clock } = this.#deps;
    using slot = await host.startSlot();
    using _limit = clock.after(SLOT_MS, () => slot[Symbol.dispose]());
    const hasRoom = await host.makeRoom();
    if (!mayStart(hasRoom)) {
      this.#abort.abort(new Error(hasRoom ? "The instance is not needed any more." : "The host is short of memory."));
    }
    if (!this.#abort.signal.aborted) this.#output.system("INFO", startingMessage(reason));
    const { outcome, started } = await launch(this.#deps, this.spec, this.id, this.#output, this.#abort.signal);
    if (started === undefined) this.#finish();
    else this.#becomeReady(started.group, started.upstream);
    return outcome;
  }

  #becomeReady(group: ContainerGroup, upstream: Upstream | undefined): void {
    const { clock } = this.#deps;
    this.#group = group;
    this.#upstream = upstream;
    if (this.spec.cpuIdle) this.#throttle = this.#createThrottle(group);
    void group.firstExit.then((first) => this.#ended(group, first));
    this.idleSinceMs = clock.nowMs();
    this.#usage.ready();
    if (this.spec.startupCpuBoost) clock.after(BOOST_MS, () => void this.#endBoost(group));
    if (this.state !== "starting") return;
    this.state = "ready";
    this.#rest();
    this.#watchHealth(group);
    this.#changed();
  }

  #createThrottle(sandbox: ContainerGroup): CpuThrottle {
    const { clock, log, settings } = this.#deps;
    const onPause = () => this.#upstream?.dropIdle();
    return cpuThrottle({ clock, log, sandbox, graceMs: settings.cpuIdleGraceMs, onPause });
  }

  /** Lets the instance go without CPU while there is nothing to do. */
  #rest(): void {
    if (this.active === 0 && this.#probes === 0) this.#throttle.rest();
  }

  #watchHealth(group: ContainerGroup): void {
    const around = async <T>(attempt: () => Promise<T>): Promise<T> => {
      this.#probes++;
      await this.#throttle.wake();
      const result = await attempt();
      this.#probes--;
      if (this.state === "ready") this.#rest();
      return result;
    };
    const onReadiness = (passing: boolean) => {
      this.accepting = passing;
      this.#changed();
    };
    const onDead = () => this.#shutDown(group);
    const { clock } = this.#deps;
    watchHealth(
      { clock, spec: this.spec, group, output: this.#output, around, onDead, onReadiness },
      this.#ending.signal,
    );
  }

  /** Google: a failed liveness probe ends the instance by SIGKILL, and its requests with status 503. */
  #shutDown(group: ContainerGroup): void {
    if (this.state === "ready") this.state = "stopping";
    this.#changed();
    void group.kill();
  }

  async #endBoost(group: ContainerGroup): Promise<void> {
    if (this.state === "gone") return;
    await group.endBoost().catch((cause: unknown) => {
      this.#deps.log.warning("cannot end the startup CPU boost", { instance: this.id, cause });
    });
  }

  /** The end of any container is the end of the instance; the others get the time that a stop gives them. */
  async #ended(group: ContainerGroup, { container, exit }: ContainerExit): Promise<void> {
    const { clock, settings, log } = this.#deps;
    this.#ending.abort();
    this.exit = exit;
    this.#exited.resolve();
    group.main.output.flush();
    if (this.state === "ready") {
      const severity = exit.outOfMemory ? "ERROR" : "WARNING";
      this.#output.system(severity, exitMessage(this.spec, container, exit), container);
    }
    this.state = "stopping";
    this.#changed();
    if (container === group.main.container) this.#upstream?.close();
    try {
      await this.#throttle.wake();
      await group.terminate(clock, settings.terminationGraceMs);
      this.#upstream?.close();
      for (const { output } of group.containers) output.flush();
      await group[Symbol.asyncDispose]();
    } catch (cause) {
      log.error("cannot clean up after an instance", { instance: this.id, cause });
    }
    this.#finish();
  }

  #finish(): void {
    this.state = "gone";
    this.#reading[Symbol.dispose]();
    this.#closed.resolve();
  }

  /** Google: container runtime contract, "Instance shutdown". */
  async #stopOnce(): Promise<void> {
    const wasStarting = this.state === "starting";
    if (this.state !== "gone") this.state = "stopping";
    if (wasStarting) this.#abort.abort(new Error("The instance was stopped while it started."));
    await this.outcome;
    if (this.#group === undefined) return;
    await this.#drained.promise;
    this.#ending.abort();
    await this.#throttle.wake();
    this.#upstream?.dropIdle();
    await this.#group.terminate(this.#deps.clock, this.#deps.settings.terminationGraceMs);
    await this.closed;
  }
}
