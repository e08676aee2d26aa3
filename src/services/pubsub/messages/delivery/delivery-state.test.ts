import assert from "node:assert/strict";
import { test } from "node:test";
import { AckMarks } from "./ack-marks.ts";
import { DeliveryState } from "./delivery-state.ts";
import type { DeliverySettings, Grant, MessageFacts, MessageSource } from "./types.ts";

const DEADLINE_MS = 10_000;
const STEPS = 300;
const SEEDS = Number(process.env["MODEL_SEEDS"] ?? 100);

/** Numbers that depend on nothing but the seed (mulberry32). */
function randomOf(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** One message as the model sees it: no cleverness, only what was promised. */
interface Expected extends MessageFacts {
  acked: boolean;
  failures: number;
  /** The lease that holds it; undefined when nobody does. */
  lease: { readonly number: number; deadlineMs: number; readonly owner: string | undefined } | undefined;
  notBeforeMs: number;
  /** Waits to be forwarded. */
  dead: boolean;
}

/** Everything at once, against a list of messages that is walked from end to end for each answer. */
class Model {
  readonly messages: Expected[] = [];
  readonly settings: DeliverySettings;
  nowMs = 0;
  /** The number of the last one that was handed out of each key, and was not followed by an earlier one since. */
  readonly lastOfKey = new Map<string, number>();

  constructor(settings: DeliverySettings) {
    this.settings = settings;
  }

  fail(message: Expected): void {
    message.lease = undefined;
    message.failures++;
    const { backoff, maxDeliveryAttempts } = this.settings;
    const wait = backoff ? Math.min(backoff.maxMs, backoff.minMs * 2 ** (message.failures - 1)) : 0;
    if (message.failures >= (maxDeliveryAttempts ?? Infinity)) message.dead = true;
    else message.notBeforeMs = this.nowMs + wait;
    if (message.key === "") return;
    // Whatever was handed out after it comes back, too.
    for (const later of this.messages)
      if (later.key === message.key && later.seq > message.seq) later.lease = undefined;
  }

  expire(): void {
    for (const message of this.messages) {
      if (message.lease && message.lease.deadlineMs <= this.nowMs) this.fail(message);
    }
  }

  /** Whether a message may be handed out now. */
  mayDeliver(message: Expected, owner: string | undefined, batch: ReadonlySet<number>): boolean {
    if (message.acked || message.lease || message.dead || !message.matches) return false;
    if (message.notBeforeMs > this.nowMs) return false;
    if (message.key === "") return true;
    return this.messages
      .filter((other) => other.key === message.key && other.seq < message.seq && !other.acked && other.matches)
      .every((other) => {
        if (!other.lease || other.dead) return false;
        return batch.has(other.seq) || (owner !== undefined && other.lease.owner === owner);
      });
  }
}

function settingsOf(random: (below: number) => number): DeliverySettings {
  return {
    ordered: random(2) === 0,
    exactlyOnce: random(2) === 0,
    ...(random(2) === 0 && { backoff: { minMs: 1000, maxMs: 20_000 } }),
    ...(random(2) === 0 && { maxDeliveryAttempts: 5 }),
    maxOutstanding: 60,
    maxHeldBack: 40,
  };
}

class Run {
  readonly random: (below: number) => number;
  readonly model: Model;
  readonly marks = new AckMarks({ cursor: 0, chunks: new Map() });
  readonly state: DeliveryState;
  readonly grants: Grant[] = [];
  readonly source: MessageSource;
  readonly dead: number[] = [];

  constructor(seed: number) {
    this.random = randomOf(seed);
    this.model = new Model(settingsOf(this.random));
    const { settings, messages } = this.model;
    this.state = new DeliveryState({ marks: this.marks, settings, firstLease: 1000, failures: new Map() });
    this.source = {
      get end() {
        return messages.length;
      },
      at: (seq) => messages[seq],
    };
  }

  step(): void {
    const { model, random } = this;
    const what = random(100);
    if (what < 25) this.publish();
    else if (what < 50) this.deliver();
    else if (what < 75) this.acknowledge();
    else if (what < 85) this.modify(0);
    else if (what < 90) this.modify(1 + random(30));
    else if (what < 98) model.nowMs += random(4) === 0 ? random(15_000) : random(500);
    else this.forward();
    this.state.expire(model.nowMs);
    model.expire();
    this.collectDead();
    this.check();
  }

  publish(): void {
    const { model, random } = this;
    for (let count = random(5); count >= 0; count--) {
      const key = random(2) === 0 ? "" : `key${random(3)}`;
      const facts = { seq: model.messages.length, bytes: 1 + random(100), matches: random(8) !== 0 };
      const isOrdered = model.settings.ordered;
      const delivery = { acked: false, failures: 0, lease: undefined, notBeforeMs: 0, dead: false };
      model.messages.push({ ...facts, key: isOrdered ? key : "", ...delivery });
    }
  }

  deliver(): void {
    const { model, random } = this;
    const owner = random(3) === 0 ? undefined : `stream${random(2)}`;
    const maxMessages = 1 + random(8);
    const deadlineMs = Math.ceil((model.nowMs + DEADLINE_MS) / 100) * 100;
    const request = { maxMessages, maxBytes: 200, deadlineMs: model.nowMs + DEADLINE_MS, owner };
    model.expire();
    const { grants, missing } = this.state.grant(request, this.source, model.nowMs);
    assert.equal(missing, undefined);
    assert.ok(grants.length <= maxMessages);
    const batch = new Set<number>();
    for (const { seq, lease, attempt } of grants) {
      const message = model.messages[seq]!;
      assert.ok(model.mayDeliver(message, owner, batch), `message ${seq} of key "${message.key}" is delivered`);
      assert.equal(attempt, message.failures + 1);
      message.lease = { number: lease, deadlineMs, owner };
      batch.add(seq);
    }
    const bytes = [...batch].reduce((sum, seq) => sum + model.messages[seq]!.bytes, 0);
    const isFull = grants.length === maxMessages || bytes >= 200 || this.state.outstanding >= 60;
    const more = model.messages.find((message) => model.mayDeliver(message, owner, batch));
    assert.ok(isFull || !more || this.#heldBack() >= 40, `message ${more?.seq} could be delivered`);
    this.grants.push(...grants);
  }

  #heldBack(): number {
    const { messages } = this.model;
    return messages.filter(({ key, acked, lease, matches }) => key !== "" && !acked && !lease && matches).length;
  }

  acknowledge(): void {
    const grant = this.#someGrant();
    if (!grant) return;
    const { model } = this;
    const message = model.messages[grant.seq]!;
    const isHeld = message.lease?.number === grant.lease;
    const outcome = this.state.acknowledge(grant.seq, grant.lease, model.nowMs);
    if (model.settings.exactlyOnce) {
      if (!message.acked) assert.equal(outcome, isHeld ? "done" : "invalid");
    } else if (message.key === "" && !message.dead) assert.equal(outcome, "done");
    if (outcome === "done") Object.assign(message, { acked: true, lease: undefined });
  }

  modify(seconds: number): void {
    const grant = this.#someGrant();
    if (!grant) return;
    const { model } = this;
    const message = model.messages[grant.seq]!;
    const isHeld = message.lease?.number === grant.lease;
    assert.equal(this.state.modifyDeadline(grant.seq, grant.lease, seconds, model.nowMs), isHeld ? "done" : "invalid");
    if (!isHeld) return;
    if (seconds === 0) model.fail(message);
    else message.lease!.deadlineMs = Math.ceil((model.nowMs + seconds * 1000) / 100) * 100;
  }

  forward(): void {
    const seq = this.dead.shift();
    if (seq === undefined) return;
    const message = this.model.messages[seq]!;
    const wasForwarded = this.random(2) === 0;
    this.state.deadLetterDone(seq, wasForwarded, this.model.nowMs);
    message.dead = false;
    if (wasForwarded) message.acked = true;
    else {
      const { backoff } = this.model.settings;
      const wait = backoff ? Math.min(backoff.maxMs, backoff.minMs * 2 ** (message.failures - 1)) : 0;
      message.notBeforeMs = this.model.nowMs + wait;
    }
  }

  collectDead(): void {
    for (const { seq } of this.state.takeDeadLetters()) {
      assert.ok(this.model.messages[seq]!.dead, `message ${seq} is a dead letter`);
      this.dead.push(seq);
    }
  }

  /** Marks, and what each stream holds. */
  check(): void {
    const { messages } = this.model;
    for (const { seq, acked, matches } of messages) {
      if (matches) assert.equal(this.marks.has(seq), acked, `message ${seq} is acknowledged`);
    }
    for (const owner of ["stream0", "stream1"]) {
      const held = messages.filter(({ lease }) => lease?.owner === owner);
      assert.equal(this.state.heldBy(owner).messages, held.length, `${owner} holds`);
      assert.equal(
        this.state.heldBy(owner).bytes,
        held.reduce((sum, { bytes }) => sum + bytes, 0),
      );
    }
  }

  /** Nacked or expired until nothing is left: everything that matches is delivered in the end. */
  finish(): void {
    const { model } = this;
    for (let round = 0; round < 10_000 && model.messages.some(({ acked, matches }) => !acked && matches); round++) {
      this.forward();
      model.nowMs += 1000;
      this.state.expire(model.nowMs);
      model.expire();
      this.collectDead();
      this.deliver();
      for (const grant of this.grants.splice(0)) {
        const message = model.messages[grant.seq]!;
        if (this.state.acknowledge(grant.seq, grant.lease, model.nowMs) === "done") {
          Object.assign(message, { acked: true, lease: undefined });
        }
      }
    }
    assert.ok(
      model.messages.every(({ acked, matches }) => acked || !matches),
      "everything is delivered in the end",
    );
  }

  #someGrant(): Grant | undefined {
    return this.grants[this.random(this.grants.length)];
  }
}

test("random operations do what a simple model says", () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const run = new Run(seed);
    try {
      for (let step = 0; step < STEPS; step++) run.step();
      run.finish();
    } catch (error) {
      throw new Error(`with seed ${seed} and ${JSON.stringify(run.model.settings)}`, { cause: error });
    }
  }
});
