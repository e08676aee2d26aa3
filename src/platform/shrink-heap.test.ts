import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "./manual-clock.ts";
import { shrinkHeapWhenIdle } from "./shrink-heap.ts";

const MIB = 1024 * 1024;

/** A process whose work and size are set, and which a collection shrinks to 100 MiB. */
function processUnderTest() {
  const state = { utilization: 0, residentBytes: 190 * MIB, collections: 0 };
  const watch = {
    utilization: () => ({ idle: 0, active: 0, utilization: state.utilization }),
    residentBytes: () => state.residentBytes,
    collect() {
      state.collections++;
      state.residentBytes = 100 * MIB;
    },
  };
  return { state, watch };
}

test("memory is given back once a process that has grown is idle", () => {
  const clock = createManualClock();
  const { state, watch } = processUnderTest();
  using _shrinking = shrinkHeapWhenIdle(clock, watch);
  state.utilization = 0.5;
  clock.advance(10_000);
  assert.equal(state.collections, 0, "not while it works");
  state.utilization = 0.01;
  clock.advance(2_000);
  assert.equal(state.collections, 1);
  state.residentBytes = 110 * MIB;
  clock.advance(10_000);
  assert.equal(state.collections, 1, "not for a little");
  state.residentBytes = 130 * MIB;
  state.utilization = 0.5;
  clock.advance(1_000);
  state.utilization = 0.01;
  clock.advance(9_000);
  assert.equal(state.collections, 1, "not while callers may be back");
  clock.advance(1_000);
  assert.equal(state.collections, 2);
});

test("a process gets smaller", () => {
  const clock = createManualClock();
  const before = fillAndForget();
  using _shrinking = shrinkHeapWhenIdle(clock, { utilization: () => ({ idle: 1, active: 0, utilization: 0 }) });
  clock.advance(2_000);
  assert.ok(process.memoryUsage().heapTotal < before - 50 * MIB);
});

/** Leaves some hundred MiB of garbage; returns how large the heap was with it. */
function fillAndForget(): number {
  const objects = Array.from({ length: 1_000_000 }, (_, index) => ({ index, text: `${index}` }));
  assert.equal(objects.length, 1_000_000);
  return process.memoryUsage().heapTotal;
}
