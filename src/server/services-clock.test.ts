import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../platform/clock.ts";
import { ConfigError } from "../platform/config/env.ts";
import { openServicesClock } from "./services-clock.ts";

async function inFolder(body: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "homerun-clock-"));
  try {
    await body(dataDir);
  } finally {
    await rm(dataDir, { recursive: true });
  }
}

test("a manual clock goes on where the last server left it, and a folder that is ahead is refused without one", () =>
  inFolder(async (dataDir) => {
    const first = await openServicesClock({ clock: "manual", dataDir }, systemClock);
    await first.testClock(() => [])!.advance(86_400_000);
    assert.ok(Math.abs(first.aheadMs() - 86_400_000) < 1_000);
    const second = await openServicesClock({ clock: "manual", dataDir }, systemClock);
    assert.ok(second.clock.nowMs() >= first.clock.nowMs());
    const isRefusal = (error: Error) => error instanceof ConfigError && /must not go back/.test(error.message);
    await assert.rejects(openServicesClock({ clock: "system", dataDir }, systemClock), isRefusal);
  }));

test("the system's clock is real time, and so is a manual one that nobody advanced", () =>
  inFolder(async (dataDir) => {
    const manual = await openServicesClock({ clock: "manual", dataDir }, systemClock);
    assert.equal(manual.aheadMs(), 0);
    const real = await openServicesClock({ clock: "system", dataDir }, systemClock);
    assert.equal(real.clock, systemClock);
    assert.equal(
      real.testClock(() => []),
      undefined,
    );
  }));

test("a time that was not reached is not kept", () =>
  inFolder(async (dataDir) => {
    const { clock, testClock } = await openServicesClock({ clock: "manual", dataDir }, systemClock);
    using _poll = clock.every(1, () => {});
    const poll = (): void => void clock.after(1_000, poll);
    poll();
    const leaving = new AbortController();
    const advanced = testClock(() => [])!.advance(365 * 86_400_000, leaving.signal);
    leaving.abort(new Error("gone"));
    await assert.rejects(advanced, /gone/);
    const next = await openServicesClock({ clock: "manual", dataDir }, systemClock);
    assert.ok(next.aheadMs() < 86_400_000);
  }));
