import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type AddedToContainers, fitContainer, type OciConfig } from "./oci-config.ts";

/** What containers get besides what their image and podman say. */
const ADDED = "/etc/containers/added.json";

// Rewrites the config.json that the runtime is about to start.
const { values } = parseArgs({ options: { bundle: { type: "string", short: "b" } }, strict: false });
const file = join(String(values.bundle ?? "."), "config.json");
try {
  const added = JSON.parse(readFileSync(ADDED, "utf8")) as AddedToContainers;
  const config = JSON.parse(readFileSync(file, "utf8")) as OciConfig;
  writeFileSync(file, JSON.stringify(fitContainer(config, added)));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
