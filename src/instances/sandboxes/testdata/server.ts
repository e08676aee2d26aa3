import { systemClock } from "../../../platform/clock.ts";
import { silentLog } from "../../../platform/log.ts";
import { createSandboxes } from "../sandboxes.ts";
import { testSpec } from "../testing/test-sandbox.ts";

// Stands for a server that is killed: starts one sandbox that ignores every signal, says so, and waits.
const [dataDir = "", runtime = "", kind = "", layer = ""] = process.argv.slice(2);
const runtimeKind = kind === "crun" ? "crun" : "runc";
const sandboxes = createSandboxes({ dataDir, runtime, runtimeKind, clock: systemClock, log: silentLog });
const script = `for (const s of ["SIGTERM", "SIGINT", "SIGHUP", "SIGPIPE"]) process.on(s, () => {});
  require("child_process").spawn("/bin/sleep", ["1000"], { detached: true });
  process.stdout.on("error", () => {});
  setInterval(() => console.log("tick"), 10)`;
const onOutput = () => void process.stdout.write("running\n");
await sandboxes.start(testSpec({ layers: [layer], args: ["/bin/node", "-e", script], onOutput, writableRoot: "disk" }));
