import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { systemClock } from "../platform/clock.ts";
import { loadConfig } from "../platform/config/config.ts";
import { jsonLog } from "../platform/log.ts";
import { CliError } from "./cli-error.ts";
import { createApiClient } from "./client/api-client.ts";
import { callFunction } from "./functions/call.ts";
import { deployFunction } from "./functions/deploy.ts";
import { localUrlOf } from "./functions/function.ts";
import type { FunctionContext } from "./functions/options.ts";
import { createStageDisplay, type StageDisplay } from "./functions/stage-display.ts";
import { runServer } from "./server/run-server.ts";

const EXAMPLE = fileURLToPath(new URL("../../examples/hello-http", import.meta.url));
const FUNCTION = { source: EXAMPLE, runtime: "nodejs22", entryPoint: "hello", allowUnauthenticated: true };

/** homerun demo: a server of its own, the example deployed through all stations, called, and everything stopped again. */
export function demoCommand(): Command {
  return new Command("demo")
    .description("Start a server of its own, deploy examples/hello-http, call it, stop.")
    .action(async () => {
      const dataDir = await mkdtemp(join(tmpdir(), "homerun-demo-"));
      try {
        await demo(dataDir);
      } finally {
        await rm(dataDir, { recursive: true, force: true });
      }
    });
}

async function demo(dataDir: string): Promise<void> {
  using display = createStageDisplay(process.stdout, false);
  const config = loadConfig({ dataDir, port: "0", ingressPort: "0" });
  const log = jsonLog(
    (line) => process.stderr.write(line),
    "WARNING",
    () => systemClock.nowMs(),
  );
  const interrupted = untilInterrupted();
  await using server = await display.step("Start", () => runServer(config, log));
  const location = "/cloudfunctions/v2/projects/demo-project/locations/us-central1";
  const context: FunctionContext = { state: server.state, api: createApiClient(server.state), location };
  const { url, answer } = await Promise.race([deployAndCall(context, display), interrupted]);
  display[Symbol.dispose]();
  console.log(`\nURL     ${url}\nAnswer  ${answer}`);
}

async function deployAndCall(context: FunctionContext, display: StageDisplay) {
  const deployed = await deployFunction(context, "hello", FUNCTION, display);
  const url = localUrlOf(context.state, deployed);
  const { body } = await display.step("Call", () => callFunction(url, "/"));
  return { url, answer: body };
}

/** Rejects on the first signal, so that the containers go with the demo; a second one ends it at once. */
function untilInterrupted(): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => reject(new CliError("interrupted")));
  promise.catch(() => {});
  return promise;
}
