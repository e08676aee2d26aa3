import type { Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import type { Deliveries, LeasedMessage } from "../messages/engine.ts";
import { Acknowledger } from "./acknowledger.ts";
import type { AttemptOutcome, DeliveryAttempt } from "./delivery-attempt.ts";
import { maxAttemptsOf } from "./max-attempts.ts";
import { PushBackoff } from "./push-backoff.ts";
import { PushWindow } from "./push-window.ts";
import { type PushResult, sendPush, type SendPushDeps } from "./send-push.ts";

export interface PusherDeps extends SendPushDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Hears of every attempt when it is over. */
  readonly observe: (attempt: DeliveryAttempt) => void;
}

/** How many messages are leased at once, so that others get their turn. */
const MAX_BATCH = 100;
/** What messages of one subscription that are on their way may take. */
const MAX_BYTES = 64 * 1024 * 1024;
/** A lease outlives the time an endpoint has, so that its answer still counts. */
const LEASE_MARGIN_SECONDS = 10;
const FAILURE_PAUSE_MS = 1_000;
/** Why waits end; without a reason, each abortion would make an error. */
const CHANGED = "changed";

/** Pushes the messages of one subscription for as long as it is told to. */
export class Pusher {
  readonly #deps: PusherDeps;
  readonly #deliveries: Deliveries;
  readonly #acknowledger: Acknowledger;
  /** One for each push that is under way: listeners of one signal would slow each other down. */
  readonly #underWay = new Set<AbortController>();
  readonly #window = new PushWindow();
  readonly #backoff = new PushBackoff();
  #subscription: Subscription;
  #isStopped = false;
  #waitsForRoom = false;
  #outstanding = 0;
  #outstandingBytes = 0;
  /** Ends what the loop waits for. */
  #interrupt = new AbortController();

  constructor(deps: PusherDeps, deliveries: Deliveries, subscription: Subscription) {
    this.#deps = deps;
    this.#deliveries = deliveries;
    this.#acknowledger = new Acknowledger(deliveries);
    this.#subscription = subscription;
    void this.#run();
  }

  /** Counts for every push that begins from now on. */
  update(subscription: Subscription): void {
    this.#subscription = subscription;
    this.#interrupt.abort(CHANGED);
  }

  /** Begins no other push; what is under way goes on, or is cut off with `cut`. */
  stop({ cut = false } = {}): void {
    this.#isStopped = true;
    this.#interrupt.abort(CHANGED);
    for (const push of cut ? this.#underWay : []) push.abort();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#interrupt = new AbortController();
      const { signal } = this.#interrupt;
      try {
        if (await this.#waitForRoom(signal)) this.#begin(await this.#lease(signal));
      } catch (error) {
        if (this.#isStopped) return;
        this.#deps.log.warning("messages to push could not be leased", {
          subscription: this.#subscription.name,
          error,
        });
        await this.#deps.clock.sleep(FAILURE_PAUSE_MS, signal).catch(() => {});
      }
    }
  }

  /** Whether a push may begin now; waits until one may, or something has changed. */
  async #waitForRoom(signal: AbortSignal): Promise<boolean> {
    const pauseMs = this.#backoff.untilMs - this.#deps.clock.nowMs();
    if (pauseMs > 0) {
      await this.#deps.clock.sleep(pauseMs, signal).catch(() => {});
      return false;
    }
    if (this.#outstanding < this.#window.size && this.#outstandingBytes < MAX_BYTES) return true;
    this.#waitsForRoom = true;
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    this.#waitsForRoom = false;
    return false;
  }

  #lease(signal: AbortSignal): Promise<readonly LeasedMessage[]> {
    const limits = {
      maxMessages: Math.min(MAX_BATCH, this.#window.size - this.#outstanding),
      maxBytes: MAX_BYTES - this.#outstandingBytes,
      ackDeadlineSeconds: this.#leaseSeconds(),
    };
    return this.#deliveries.lease(limits, signal);
  }

  #leaseSeconds(): number {
    return this.#subscription.ackDeadlineSeconds + LEASE_MARGIN_SECONDS;
  }

  #begin(leased: readonly LeasedMessage[]): void {
    const groups = this.#subscription.enableMessageOrdering ? byOrderingKey(leased) : leased.map((each) => [each]);
    for (const group of groups) void this.#pushInOrder(group);
  }

  /** Each only after the one before is acknowledged; those after one that failed wait for it, and come again with it. */
  async #pushInOrder(group: readonly LeasedMessage[]): Promise<void> {
    const sizes = group.map(({ encoded }) => encoded.length);
    this.#outstanding += group.length;
    for (const bytes of sizes) this.#outstandingBytes += bytes;
    let failed = false;
    for (const [index, leased] of group.entries()) {
      if (index > 0 && !failed) failed = !(await this.#prolong(leased));
      if (!failed) failed = !(await this.#push(leased));
      this.#outstanding--;
      this.#outstandingBytes -= sizes[index]!;
      if (this.#waitsForRoom) this.#interrupt.abort(CHANGED);
    }
  }

  async #prolong({ ackId }: LeasedMessage): Promise<boolean> {
    const [outcome] = await this.#deliveries.modifyAckDeadline([ackId], this.#leaseSeconds()).catch(() => []);
    return outcome === "done";
  }

  /** Whether the message is done with. */
  async #push(leased: LeasedMessage): Promise<boolean> {
    const subscription = this.#subscription;
    const { pushConfig, name, deadLetterPolicy, ackDeadlineSeconds } = subscription;
    if (pushConfig === undefined) return false;
    const startMs = this.#deps.clock.nowMs();
    const deliveryAttempt = deadLetterPolicy === undefined ? undefined : leased.deliveryAttempt;
    const pushed = { subscription: name, message: leased.message, deliveryAttempt };
    const abort = new AbortController();
    this.#underWay.add(abort);
    const limits = { timeoutMs: ackDeadlineSeconds * 1000, signal: abort.signal };
    const result = await sendPush(this.#deps, pushConfig, pushed, limits);
    this.#underWay.delete(abort);
    if (abort.signal.aborted) return false;
    const outcome = outcomeOf(result, leased, subscription);
    this.#learn(result.acknowledged, startMs, subscription);
    this.#observe(leased, outcome, result, { startMs, endpoint: pushConfig.pushEndpoint });
    if (outcome !== "FAILED") return (await this.#acknowledger.acknowledge(leased.ackId)) === "done";
    await this.#deliveries.modifyAckDeadline([leased.ackId], 0).catch(() => {});
    return false;
  }

  #learn(acknowledged: boolean, startMs: number, { retryPolicy }: Subscription): void {
    const nowMs = this.#deps.clock.nowMs();
    if (acknowledged) {
      this.#window.succeeded(nowMs - startMs);
      this.#backoff.succeeded();
      return;
    }
    this.#window.failed(nowMs - startMs);
    // Google: with a retry policy, each message has a back-off of its own.
    if (retryPolicy !== undefined) return;
    this.#backoff.failed(startMs, nowMs);
    this.#interrupt.abort(CHANGED);
  }

  #observe(
    leased: LeasedMessage,
    outcome: AttemptOutcome,
    { status, detail, traceId }: PushResult,
    sent: { readonly startMs: number; readonly endpoint: string },
  ): void {
    const subscription = this.#subscription.name;
    if (outcome === "DROPPED") {
      const { messageId } = leased.message;
      this.#deps.log.info("an event was dropped after its last attempt", { subscription, messageId, status, detail });
    }
    const latencyMs = this.#deps.clock.nowMs() - sent.startMs;
    const what = { ...sent, subscription, leased, attempt: leased.deliveryAttempt };
    this.#deps.observe({ ...what, latencyMs, outcome, status, detail, traceId });
  }
}

function outcomeOf(
  { acknowledged }: PushResult,
  { deliveryAttempt }: LeasedMessage,
  subscription: Subscription,
): AttemptOutcome {
  if (acknowledged) return "DELIVERED";
  const maxAttempts = maxAttemptsOf(subscription);
  return maxAttempts !== undefined && deliveryAttempt >= maxAttempts ? "DROPPED" : "FAILED";
}

function byOrderingKey(leased: readonly LeasedMessage[]): LeasedMessage[][] {
  const groups = new Map<string, LeasedMessage[]>();
  const alone: LeasedMessage[][] = [];
  for (const each of leased) {
    const { orderingKey } = each.message;
    const group = groups.get(orderingKey);
    if (orderingKey === "") alone.push([each]);
    else if (group === undefined) groups.set(orderingKey, [each]);
    else group.push(each);
  }
  return [...alone, ...groups.values()];
}
