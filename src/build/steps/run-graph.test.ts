import assert from "node:assert/strict";
import { test } from "node:test";
import { runGraph } from "./run-graph.ts";

const NEVER = new AbortController().signal;

/** Nodes that end when told, and a record of what happened. */
function nodes() {
  const running = new Map<number, (success: boolean) => void>();
  const started: number[] = [];
  const run = (index: number, signal: AbortSignal) =>
    new Promise<boolean>((resolve) => {
      started.push(index);
      running.set(index, resolve);
      signal.addEventListener("abort", () => resolve(false));
    });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    run,
    started,
    async end(index: number, success = true) {
      running.get(index)!(success);
      await settle();
    },
    settle,
  };
}

test("starts a node once those before it have ended well, and others beside it", async () => {
  const { run, started, end, settle } = nodes();
  const all = runGraph([[], [], [0], [0, 1]], run, NEVER);
  await settle();
  assert.deepEqual(started, [0, 1]);
  await end(0);
  assert.deepEqual(started, [0, 1, 2]);
  await end(1);
  assert.deepEqual(started, [0, 1, 2, 3]);
  await end(2);
  await end(3);
  assert.equal(await all, undefined);
});

test("after a failure nothing starts, and what runs is stopped", async () => {
  const { run, started, end, settle } = nodes();
  const all = runGraph([[], [], [1]], run, NEVER);
  await settle();
  await end(0, false);
  assert.equal(await all, 0);
  assert.deepEqual(started, [0, 1]);
});

test("stops with the signal, and passes a rejection on once everything has ended", async () => {
  const { run, settle } = nodes();
  const stop = new AbortController();
  const all = runGraph([[], [0]], run, stop.signal);
  await settle();
  stop.abort();
  assert.equal(await all, undefined);
  const broken = runGraph([[], []], async (index, signal) => index === 0 && (await run(index, signal)), NEVER);
  await broken;
  await assert.rejects(
    runGraph([[]], () => Promise.reject(new Error("the machine failed")), NEVER),
    /the machine failed/,
  );
});
