import { ListRuntimesResponse_RuntimeStage as Stage } from "../../gen/google/cloud/functions/v2/functions_pb.js";

/** A runtime that functions can be built for. */
export interface Runtime {
  readonly name: string;
  readonly displayName: string;
  /** Name of Google's stack whose run images this runtime has by default. */
  readonly stack: string;
  /** ISO dates, to the day or the month; not there while the schedule names none. */
  readonly deprecationDate?: string;
  readonly decommissionDate?: string;
}

/**
 * Every runtime that homerun builds, the newest of a language first. Names, stacks and dates as Google's support schedule has them
 * (cloud.google.com/functions/docs/runtime-support, read 2026-11).
 */
export const RUNTIMES: readonly Runtime[] = [
  {
    name: "nodejs24",
    displayName: "Node.js 24",
    stack: "google-24",
    deprecationDate: "2028-04-30",
    decommissionDate: "2028-10-31",
  },
  {
    name: "nodejs22",
    displayName: "Node.js 22",
    stack: "google-22",
    deprecationDate: "2027-04-30",
    decommissionDate: "2027-10-31",
  },
  {
    name: "nodejs20",
    displayName: "Node.js 20",
    stack: "google-22",
    deprecationDate: "2026-04-30",
    decommissionDate: "2026-10-30",
  },
  {
    name: "python313",
    displayName: "Python 3.13",
    stack: "google-22",
    deprecationDate: "2029-10-10",
    decommissionDate: "2030-04-10",
  },
  {
    name: "python311",
    displayName: "Python 3.11",
    stack: "google-22",
    deprecationDate: "2027-10-24",
    decommissionDate: "2028-04-24",
  },
  go("1.27", "google-24"),
  go("1.26", "google-24"),
  go("1.25", "google-22", "2026-10-01", "2027-04-01"),
  go("1.24", "google-22", "2026-09-02", "2027-03-02"),
  go("1.23", "google-22", "2026-02-21", "2026-08-21"),
  go("1.22", "google-22", "2026-01-28", "2026-07-28"),
  go("1.21", "google-22", "2025-09-03", "2026-03-03"),
  java("25", "google-24", "2031-10"),
  java("21", "google-22", "2031-09"),
  java("17", "google-22", "2027-10"),
];

function go(version: string, stack: string, deprecationDate?: string, decommissionDate?: string): Runtime {
  const dates = deprecationDate && decommissionDate ? { deprecationDate, decommissionDate } : {};
  return { name: `go${version.replace(".", "")}`, displayName: `Go ${version}`, stack, ...dates };
}

/** Google names only the month of the deprecation, and no decommission. */
function java(version: string, stack: string, deprecationDate: string): Runtime {
  return { name: `java${version}`, displayName: `Java ${version}`, stack, deprecationDate };
}

/** The runtime of this name. */
export function findRuntime(name: string): Runtime | undefined {
  return RUNTIMES.find((runtime) => runtime.name === name);
}

/** GA until the deprecation date, then DEPRECATED: homerun goes on building what Google has decommissioned. */
export function stageOf(runtime: Runtime, nowMs: number): Stage {
  const { deprecationDate } = runtime;
  return deprecationDate === undefined || nowMs < Date.parse(deprecationDate) ? Stage.GA : Stage.DEPRECATED;
}
