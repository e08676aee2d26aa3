import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Gives the memory that start-up needed back to the system, and keeps the heap small from here on. Start-up wants a
 * large young generation, since it allocates much and drops most of it; a server that waits for work does not.
 */
export function shrinkHeap(): void {
  setFlagsFromString("--optimize-for-size");
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as NodeJS.GCFunction;
  setFlagsFromString("--no-expose-gc");
  // Only this flavour gives pages back at once; it takes some tens of milliseconds.
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
}
