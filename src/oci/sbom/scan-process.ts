import { constants, setPriority } from "node:os";
import { scanLayer } from "./scan-layer.ts";
import type { ScanAnswer } from "./sbom-store.ts";

// The other side of sbom-store.ts: one layer per process, named by the argument.
// What runs functions and builds goes first.
setPriority(constants.priority.PRIORITY_LOW);
process.once("disconnect", () => process.exit(1));
const answer = await scanLayer(process.argv[2]!).then(
  (components): ScanAnswer => ({ components }),
  (error: unknown): ScanAnswer => ({ error: String(error) }),
);
process.send?.(answer, () => process.exit(0));
