import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { SandboxExit } from "../sandbox.ts";
import type { InstanceLogEntry, RevisionSpec, ServingSettings, StartOutcome } from "../serving.ts";
import { alwaysOn, type CpuThrottle, cpuThrottle } from "./cpu-throttle.ts";
import type { HostCapacity } from "./host-capacity.ts";
import { type InstanceOutput, instanceOutput } from "./instance-output.ts";
import { launch } from "./launch.ts";
import type { RunningContainer, StartInstance } from "./start-instance.ts";
import { exitMessage, startingMessage, type StartReason } from "./system-messages.ts";
import type { Upstream } from "./upstream.ts";

export interface InstanceDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly start: StartInstance;
  readonly host: HostCapacity;
  readonly writeLog: (entry: InstanceLogEntry) => void;
  readonly settings: ServingSettings;
}

/** What the pool wants to be started. */
export interface StartOrder {
  readonly id: string;
  readonly spec: RevisionSpec;
  readonly reason: StartReason;
  /** Whether it is worth starting though the host is short of memory. */
  readonly essential: () => boolean;
  /** Called when an instance has become ready, has ended by itself, and when a request of it has ended. */
  readonly changed: () => void;
}

/** A start holds its slot no longer than this, so that containers that wait for something do not block others. */
const SLOT_MS = 5_000;
/** Google: Cloud Run, "Startup CPU boost": until 10 s after the instance has started. */
const BOOST_MS = 10_000;

/** One container of a revision, from its start until its network is given back. */
export class Instance {
  readonly id: string;
  readonly spec: RevisionSpec;
  state: "starting" | "ready" | "stopping" | "gone" = "starting";
  /** Requests it serves now. */
  active = 0;
  lastUsedMs = 0;
  idleSinceMs = 0;
  /** Set once the container has ended. */
  exit: SandboxExit | undefined;
  /** Resolves when the container has ended, however it did. */
  readonly exited: Promise<void>;
  /** How the start ended. Never rejects. */
  readonly outcome: Promise<StartOutcome>;
  /** Resolves when container and network are gone. Never rejects. */
  readonly closed: Promise<void>;

  readonly #deps: InstanceDeps;
  readonly #output: InstanceOutput;
  readonly #changed: () => void;
  readonly #abort = new AbortController();
  readonly #drained = Promise.withResolvers<void>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  #throttle: CpuThrottle = alwaysOn;
  #upstream: Upstream | undefined;
  #container: RunningContainer | undefined;
  #stop: Promise<void> | undefined;

  constructor(deps: InstanceDeps, order: StartOrder) {
    const { id, spec, changed } = order;
    this.#deps = deps;
    this.id = id;
    this.spec = spec;
    this.#changed = changed;
    this.#output = instanceOutput(deps, spec, id);
    this.exited = this.#exited.promise;
    this.closed = this.#closed.promise;
    this.outcome = this.#start(order);
  }

  /** Connections to the container; only for instances that have been ready. */
  get upstream(): Upstream {
    if (this.#upstream === undefined) throw new Error(`instance ${this.id} has not been ready`);
    return this.#upstream;
  }

  /** Counts a request in, and gives the CPU back; the result, if any, is to be awaited before the request is sent. */
  enter(): Promise<void> | undefined {
    this.active++;
    this.lastUsedMs = this.#deps.clock.nowMs();
    return this.#throttle.wake();
  }

  leave(): void {
    this.active--;
    if (this.active === 0) {
      this.idleSinceMs = this.#deps.clock.nowMs();
      if (this.state === "ready") this.#throttle.rest();
      else this.#drained.resolve();
    }
    this.#changed();
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

  async #start({ reason, essential }: StartOrder): Promise<StartOutcome> {
    const { host, clock } = this.#deps;
    using slot = await host.startSlot();
    using _limit = clock.after(SLOT_MS, () => slot[Symbol.dispose]());
    if (!(await host.makeRoom()) && !essential()) this.#abort.abort(new Error("The host is short of memory."));
    if (!this.#abort.signal.aborted) this.#output.system("INFO", startingMessage(reason));
    const { outcome, started } = await launch(this.#deps, this.spec, this.id, this.#output, this.#abort.signal);
    if (started === undefined) this.#finish();
    else this.#becomeReady(started.container, started.upstream);
    return outcome;
  }

  #becomeReady(container: RunningContainer, upstream: Upstream): void {
    this.#container = container;
    this.#upstream = upstream;
    if (this.spec.cpuIdle) this.#throttle = this.#createThrottle(container);
    void container.sandbox.exited.then((exit) => this.#ended(container, exit));
    this.idleSinceMs = this.#deps.clock.nowMs();
    if (this.spec.startupCpuBoost) this.#deps.clock.after(BOOST_MS, () => void this.#endBoost(container));
    if (this.state !== "starting") return;
    this.state = "ready";
    this.#throttle.rest();
    this.#changed();
  }

  #createThrottle({ sandbox }: RunningContainer): CpuThrottle {
    const { clock, log, settings } = this.#deps;
    const onPause = () => this.upstream.dropIdle();
    return cpuThrottle({ clock, log, sandbox, graceMs: settings.cpuIdleGraceMs, onPause });
  }

  async #endBoost({ sandbox }: RunningContainer): Promise<void> {
    if (this.state === "gone") return;
    await sandbox.setCpus(this.spec.containers[0].limits.cpus).catch((cause: unknown) => {
      this.#deps.log.warning("cannot end the startup CPU boost", { instance: this.id, cause });
    });
  }

  async #ended(container: RunningContainer, exit: SandboxExit): Promise<void> {
    this.exit = exit;
    this.#exited.resolve();
    this.#output.flush();
    if (this.state === "ready") {
      this.#output.system(exit.outOfMemory ? "ERROR" : "WARNING", exitMessage(this.spec, exit));
    }
    this.state = "stopping";
    this.#changed();
    this.upstream.close();
    try {
      await container[Symbol.asyncDispose]();
    } catch (cause) {
      this.#deps.log.error("cannot clean up after an instance", { instance: this.id, cause });
    }
    this.#finish();
  }

  #finish(): void {
    this.state = "gone";
    this.#closed.resolve();
  }

  async #stopOnce(): Promise<void> {
    const wasStarting = this.state === "starting";
    if (this.state !== "gone") this.state = "stopping";
    if (wasStarting) this.#abort.abort(new Error("The instance was stopped while it started."));
    await this.outcome;
    if (this.#container === undefined) return;
    await this.#drained.promise;
    await this.#throttle.wake();
    this.upstream.dropIdle();
    await this.#terminate(this.#container);
    await this.closed;
  }

  /** Google: container runtime contract, "Instance shutdown". */
  async #terminate({ sandbox }: RunningContainer): Promise<void> {
    const grace = new AbortController();
    const { clock, settings } = this.#deps;
    await sandbox.kill("SIGTERM").catch(() => undefined);
    const timeout = clock.sleep(settings.terminationGraceMs, grace.signal).catch(() => undefined);
    await Promise.race([sandbox.exited, timeout]);
    grace.abort();
    if (this.exit === undefined) await sandbox.kill("SIGKILL").catch(() => undefined);
    await sandbox.exited;
  }
}
