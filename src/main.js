#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// This file alone is JavaScript: loading what strips the types of the first file takes 40 ms, which no later one needs.
// Compiled code is kept between runs: the command answers sooner, and so does a second start of the server. Not in the
// folder for temporary files, which is Node's default: it is everybody's, and what is in the cache is run unchecked.
enableCompileCache(join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "homerun", "compiled"));
const { run } = await import("./cli/run.ts");
await run(process.argv);
