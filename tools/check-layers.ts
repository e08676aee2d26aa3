import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isolatedChildren, isolatedChildrenIndexes, layers } from "./layers.ts";

const specifier = /\b(?:import|export)\b[^;'"]*?from\s*["']([^"']+)["']|\bimport\s*\(?\s*["']([^"']+)["']/g;
const files = globSync("src/**/*.{ts,js}", { exclude: ["**/node_modules/**", "src/gen/**"] });
const problems = files.flatMap(problemsOf);
if (files.length === 0) problems.push("no source files found: refusing to report success");
console.log(problems.join("\n") || `layers ok (${files.length} files)`);
process.exitCode = problems.length ? 1 : 0;

function problemsOf(file: string): string[] {
  const from = layerOf(file);
  if (!from) return [`${file}: not in any layer; add its folder to tools/layers.ts`];
  return [...readFileSync(file, "utf8").matchAll(specifier)].flatMap((match) => {
    const target = match[1] ?? match[2] ?? "";
    return target.startsWith(".") ? problemOf(file, from, join(dirname(file), target)) : [];
  });
}

function problemOf(file: string, from: string, target: string): string[] {
  const to = layerOf(target);
  if (!to) return [];
  // Tests boot the real server, which sits above every floor.
  const allowed = to === from || layers[from]!.includes(to) || (file.endsWith(".test.ts") && to === "src/server");
  if (!allowed) return [`${file}: ${from} may not import ${to}`];
  const [here, there] = [isolatedChildOf(file), isolatedChildOf(target)];
  if (here && there && here !== there) return [`${file}: ${here} may not import ${there}; call it through its API`];
  return [];
}

function layerOf(path: string): string | undefined {
  return Object.keys(layers)
    .filter((layer) => path === layer || path.startsWith(`${layer}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function isolatedChildOf(path: string): string | undefined {
  if (isolatedChildrenIndexes.includes(path)) return undefined;
  const parent = isolatedChildren.find((folder) => path.startsWith(`${folder}/`));
  return (
    parent &&
    path
      .split("/")
      .slice(0, parent.split("/").length + 1)
      .join("/")
  );
}
