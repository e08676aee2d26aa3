#!/usr/bin/env node
import { enableCompileCache, registerHooks } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// This file alone is JavaScript: loading what strips the types of the first file takes 40 ms, which no later one needs.
// Compiled code is kept between runs: the command answers sooner, and so does a second start of the server. Not in the
// folder for temporary files, which is Node's default: it is everybody's, and what is in the cache is run unchecked.
enableCompileCache(join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "homerun", "compiled"));
// Our own imports say exactly which file they mean, and what they mean by a package is the same in all of them. Finding
// that out anew for every file that imports something takes a sixth of a start: each time, real paths and the
// package.json files above them are asked for.
const own = new URL(".", import.meta.url).href;
const formats = { ".ts": "module-typescript", ".js": "module" };
const packages = new Map();
registerHooks({
  resolve(specifier, context, next) {
    const isOwnImport = context.parentURL?.startsWith(own) && context.conditions.includes("import");
    if (!isOwnImport || Object.keys(context.importAttributes).length > 0) return next(specifier, context);
    const format = formats[specifier.slice(-".ts".length)];
    if (specifier.startsWith(".") && format !== undefined) {
      return { url: new URL(specifier, context.parentURL).href, format, shortCircuit: true };
    }
    if (specifier.startsWith(".")) return next(specifier, context);
    const found = packages.get(specifier) ?? next(specifier, context);
    packages.set(specifier, found);
    return { ...found, shortCircuit: true };
  },
});
const { run } = await import("./cli/run.ts");
await run(process.argv);
