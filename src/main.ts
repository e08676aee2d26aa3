#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";

// A server that waits for work should be small: this keeps the young generation at a few MiB instead of tens.
setFlagsFromString("--optimize-for-size");
// Compiled code is kept between runs: the command answers sooner, and so does a second start of the server.
enableCompileCache();
const { run } = await import("./cli/run.ts");
await run(process.argv);
