import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../../../tests/support/until.ts";
import { createManualClock } from "../../../platform/manual-clock.ts";
import type { LeasedMessage } from "../messages/engine.ts";
import { memoryDeliveries, sampleMessage } from "../push/testing/memory-deliveries.ts";
import { decideFate, type Fate, seeded } from "./decide.ts";
import { parseFaults } from "./faults.ts";
import { faultyDeliveries, type FaultState } from "./faulty-deliveries.ts";
import { HeldDeliveries } from "./held-deliveries.ts";

const LIMITS = { maxMessages: 10, maxBytes: 1_000_000, ackDeadlineSeconds: 10 };
const NEVER = new AbortController().signal;
const NOTHING: Fate = { drop: false, duplicate: false, delayMs: 0 };

test("a copy comes after its original, and what becomes of it changes nothing", async () => {
  const { faulty, inner } = start([{ ...NOTHING, duplicate: true }]);
  inner.publish(sampleMessage("1"));
  const [original] = await faulty.lease(LIMITS, NEVER);
  const [copy] = await faulty.lease(LIMITS, NEVER);
  assert.deepEqual([original?.message.messageId, copy?.message.messageId], ["1", "1"]);
  assert.deepEqual(copy?.encoded, original?.encoded);
  assert.deepEqual(await faulty.modifyAckDeadline([copy!.ackId], 0), ["done"]);
  assert.deepEqual(await faulty.acknowledge([copy!.ackId, original!.ackId, "forged"]), ["done", "done", "invalid"]);
  assert.deepEqual([inner.acknowledged, inner.nacked], [["1"], []]);
});

test("what is delayed comes when it is due, and others overtake it", async () => {
  const { faulty, inner, clock } = start([{ ...NOTHING, delayMs: 500 }, NOTHING, { ...NOTHING, delayMs: 200 }]);
  for (const id of ["1", "2", "3"]) inner.publish(sampleMessage(id));
  assert.deepEqual(ids(await faulty.lease(LIMITS, NEVER)), ["2"]);
  const next = faulty.lease(LIMITS, NEVER);
  clock.advance(199);
  await assertPending(next);
  clock.advance(1);
  assert.deepEqual(ids(await next), ["3"]);
  const last = faulty.lease(LIMITS, NEVER);
  clock.advance(300);
  assert.deepEqual(ids(await last), ["1"]);
});

test("what nobody takes within its deadline is left to come again", async () => {
  const { faulty, inner, clock } = start([{ ...NOTHING, delayMs: 500 }]);
  inner.publish(sampleMessage("1"));
  assert.deepEqual(await faulty.lease(LIMITS, AbortSignal.abort()), []);
  clock.advance(10_600);
  assert.deepEqual(await faulty.lease(LIMITS, AbortSignal.abort()), []);
});

test("what is dropped does not arrive, is told of, and is given back", async () => {
  const { faulty, inner, dropped } = start([{ ...NOTHING, drop: true }]);
  inner.publish(sampleMessage("1"));
  inner.publish(sampleMessage("2"));
  assert.deepEqual(ids(await faulty.lease(LIMITS, NEVER)), ["2"]);
  assert.deepEqual(dropped, ["1"]);
});

test("faults that are asked for while somebody waits count at once", async () => {
  const { faulty, inner, fates, dropped } = start([]);
  const waiting = faulty.lease(LIMITS, NEVER);
  fates.push({ ...NOTHING, drop: true });
  inner.publish(sampleMessage("1"));
  await until(async () => dropped.length === 1);
  inner.publish(sampleMessage("2"));
  assert.deepEqual(ids(await waiting), ["2"]);
});

test("the same seed makes the same decisions, in the shares that are asked for", () => {
  const faults = parseFaults({ duplicatePercent: 20, dropPercent: 10, delay: "2s", reorder: true });
  const decide = (seed: number) => {
    const fraction = seeded(seed);
    return Array.from({ length: 10_000 }, () => decideFate(faults, fraction));
  };
  const fates = decide(7);
  assert.deepEqual(decide(7), fates);
  assert.notDeepEqual(decide(8), fates);
  const share = (of: (fate: Fate) => boolean) => fates.filter(of).length / fates.length;
  assert.ok(Math.abs(share(({ drop }) => drop) - 0.1) < 0.01);
  assert.ok(Math.abs(share(({ duplicate }) => duplicate) - 0.18) < 0.01);
  assert.ok(fates.every(({ delayMs }) => delayMs >= 2000 && delayMs < 3000));
});

function start(fates: Fate[]) {
  const clock = createManualClock();
  const inner = memoryDeliveries();
  const dropped: string[] = [];
  const state: FaultState = {
    isActive: () => fates.length > 0,
    nextFate: () => fates.shift(),
    onDropped: ({ message }) => void dropped.push(message.messageId),
    held: new HeldDeliveries(),
    duplicates: 0,
  };
  return { faulty: faultyDeliveries(inner, () => state, clock), inner, clock, fates, dropped };
}

function ids(leased: readonly LeasedMessage[]): string[] {
  return leased.map(({ message }) => message.messageId);
}

async function assertPending(promise: Promise<unknown>): Promise<void> {
  const pending = Symbol("pending");
  const turn = new Promise((resolve) => setImmediate(() => resolve(pending)));
  assert.equal(await Promise.race([promise, turn]), pending);
}
