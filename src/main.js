#!/usr/bin/env node
import { enableCompileCache, registerHooks } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// This file alone is JavaScript: loading what strips the types of the first file takes 40 ms, which no later one needs.
// Compiled code is kept between runs: the command answers sooner, and so does a second start of the server. Not in the
// folder for temporary files, which is Node's default: it is everybody's, and what is in the cache is run unchecked.
enableCompileCache(join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "homerun", "compiled"));
// Our own imports say exactly which file they mean. Finding that out the way it is done for packages takes an eighth of a
// start: each is asked for its real path and for the package.json files above it, once for every file that imports it.
const own = new URL(".", import.meta.url).href;
const formats = { ".ts": "module-typescript", ".js": "module" };
registerHooks({
  resolve(specifier, context, next) {
    const format = formats[specifier.slice(-".ts".length)];
    if (format === undefined || !specifier.startsWith(".") || !context.parentURL?.startsWith(own)) {
      return next(specifier, context);
    }
    return { url: new URL(specifier, context.parentURL).href, format, shortCircuit: true };
  },
});
const { run } = await import("./cli/run.ts");
await run(process.argv);
