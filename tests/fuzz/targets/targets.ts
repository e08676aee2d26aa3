import type { FuzzTarget } from "../target.ts";
import { archiveTargets } from "./archives.ts";
import { filterTargets } from "./filters.ts";
import { httpTargets } from "./http.ts";
import { imageTargets } from "./images.ts";

/** Every parser that is fuzzed. */
export const targets: readonly FuzzTarget[] = [...filterTargets, ...httpTargets, ...imageTargets, ...archiveTargets];
