import assert from "node:assert/strict";
import { test } from "node:test";
import { loadWindow } from "./load-window.ts";

/** In the middle of a bucket. */
const NOW = 1_000_000_002_500;

const rounded = ({ requests, cpus }: { requests: number; cpus: number }) => [
  Math.round(requests * 100) / 100,
  Math.round(cpus * 100) / 100,
];

test("requests count by the time they take", () => {
  const window = loadWindow();
  window.setRequests(NOW, 30);
  assert.deepEqual(rounded(window.average(NOW)), [0, 0]);
  assert.deepEqual(rounded(window.average(NOW + 6_000)), [3, 0]);
  window.setRequests(NOW + 12_000, 0);
  assert.deepEqual(rounded(window.average(NOW + 50_000)), [6, 0]);
});

test("what is older than a minute no longer counts", () => {
  const window = loadWindow();
  window.setRequests(NOW, 60);
  window.addCpu(NOW, 30);
  window.setRequests(NOW + 1_000, 0);
  assert.deepEqual(rounded(window.average(NOW + 50_000)), [1, 0.5]);
  assert.deepEqual(rounded(window.average(NOW + 60_000)), [0, 0]);
});

test("a load that stays is its own average, however long nobody looked", () => {
  const window = loadWindow();
  window.setRequests(NOW - 3_600_000, 80);
  const { requests } = window.average(NOW);
  // The oldest five seconds are leaving.
  assert.ok(requests > 75 && requests <= 80, String(requests));
});
