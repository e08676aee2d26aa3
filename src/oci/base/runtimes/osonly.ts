import { goToolchain, LATEST_GO } from "./go.ts";
import type { Runtime } from "./runtime.ts";

/**
 * The operating system without any language, for programs that bring all they need. What is built for it from source is
 * Go. Google: buildpacks, "Configure the OS only runtime".
 */
export const OSONLY: readonly Runtime[] = [
  { id: "osonly24", stack: "google-24-full", codename: "trixie", run: [], ...goToolchain(LATEST_GO) },
];
