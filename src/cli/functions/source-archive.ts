import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";
import { CliError } from "../cli-error.ts";
import { type IgnoreRules, isIgnored, parseIgnoreRules } from "./ignore-rules.ts";

/** What gcloud leaves out where there is no .gcloudignore. */
const DEFAULT_RULES = [".gcloudignore", ".git", ".gitignore", "node_modules/"];

/** A zip of a source folder without what .gcloudignore (or gcloud's default) leaves out; links are followed, as gcloud does. */
export async function archiveSource(folder: string): Promise<Buffer> {
  const info = await stat(folder).catch(() => undefined);
  if (!info?.isDirectory()) throw new CliError(`the source ${folder} is no folder`);
  const rules = await readRules(folder);
  const zip = new ZipFile();
  let files = 0;
  for await (const { path, mode } of walk(folder, folder, rules)) {
    zip.addFile(path, relative(folder, path), { mode });
    files++;
  }
  if (files === 0) throw new CliError(`the source ${folder} holds no files`);
  zip.end();
  return buffer(zip.outputStream);
}

async function readRules(folder: string): Promise<IgnoreRules> {
  const text = await readFile(join(folder, ".gcloudignore"), "utf8").catch(() => undefined);
  if (text === undefined) return parseIgnoreRules([...DEFAULT_RULES, ...(await readLines(folder, ".gitignore"))]);
  const lines = await Promise.all(
    text.split("\n").map(async (line) => {
      const included = /^#!include:(.+)$/.exec(line.trim())?.[1];
      return included ? readLines(folder, included) : [line];
    }),
  );
  return parseIgnoreRules(lines.flat());
}

async function readLines(folder: string, file: string): Promise<string[]> {
  const text = await readFile(join(folder, file), "utf8").catch(() => "");
  return text.split("\n");
}

async function* walk(root: string, folder: string, rules: IgnoreRules): AsyncIterable<{ path: string; mode: number }> {
  const entries = await readdir(folder);
  for (const name of entries.sort()) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => undefined);
    if (!info || isIgnored(rules, relative(root, path), info.isDirectory())) continue;
    if (info.isDirectory()) yield* walk(root, path, rules);
    else if (info.isFile()) yield { path, mode: info.mode };
  }
}
