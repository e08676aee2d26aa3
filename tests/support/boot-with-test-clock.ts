import { type AdjustableClock, createAdjustableClock } from "../../src/platform/adjustable-clock.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { createTestClock } from "../../src/platform/test-clock.ts";
import { createWorkTracker } from "../../src/platform/work-tracker.ts";
import type { ServiceDeps } from "../../src/wire/service-deps.ts";
import type { ServiceModule } from "../../src/wire/service-module.ts";
import { type BootedApi, type BootOptions, bootApi } from "./boot-api.ts";

/** Services whose time a test moves. */
export interface BootedWithClock {
  readonly api: BootedApi;
  readonly clock: AdjustableClock;
  /** Moves time on; everything that falls due on the way is done when this resolves. */
  advance(ms: number): Promise<void>;
  /** Waits for what is due now. */
  settle(): Promise<void>;
}

/** Boots modules on a clock that runs on from real time, `aheadMs` ahead of it, and can be advanced as --clock=manual can. */
export async function bootWithTestClock(
  defineModules: (deps: ServiceDeps) => readonly ServiceModule[],
  { aheadMs = 0, ...options }: Omit<BootOptions, "clock"> & { readonly aheadMs?: number } = {},
): Promise<BootedWithClock> {
  const clock = createAdjustableClock(systemClock, aheadMs);
  const workTracker = createWorkTracker();
  const api = await bootApi(defineModules, { ...options, clock, workTracker });
  const { wakeups, modules } = api.api;
  const driven = () => [workTracker, wakeups, ...modules.flatMap((module) => module.timeDriven ?? [])];
  const { advance } = createTestClock({ clock, realClock: systemClock, driven, save: async () => {} });
  return { api, clock, advance, settle: () => advance(0) };
}
