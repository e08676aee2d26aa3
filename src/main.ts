#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// Compiled code is kept between runs: the command answers sooner, and so does a second start of the server.
enableCompileCache();
const { run } = await import("./cli/run.ts");
await run(process.argv);
