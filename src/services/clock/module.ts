import type { TestClock } from "../../platform/test-clock.ts";
import type { ServiceModule } from "../../wire/service-module.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import { clockSurface } from "./surface.ts";

/** What services/clock needs; wire-up provides it. */
export interface ClockApiDeps extends Pick<ServiceDeps, "clock"> {
  /** Undefined on a server whose time is real. */
  readonly testClock: TestClock | undefined;
}

/**
 * The services' time. Google has no such API: this one is homerun's, below /clock on the shared port, and is not listed
 * among Google's.
 */
export function clockApi(deps: ClockApiDeps): ServiceModule {
  return { name: "clock", services: [], rpcs: [], surfaces: [clockSurface(deps)] };
}
