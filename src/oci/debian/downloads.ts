import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { randomIds } from "../../platform/ids.ts";

/** A file to fetch; with a SHA-256 (hex) it is verified, and not fetched when it is there already. */
export interface Download {
  readonly url: string;
  readonly file: string;
  readonly sha256?: string;
}

/** Fetches files, several at once; rejects when one of them cannot be had, verified ones stay. */
export type Downloads = (files: readonly Download[], signal?: AbortSignal) => Promise<void>;

/** Gets URLs into files, verified by nobody yet. */
type Fetcher = (files: readonly { url: string; file: string }[], signal?: AbortSignal) => Promise<void>;

/** Where apt keeps the program that downloads with apt's own configuration. */
const APT_HELPER = "/usr/lib/apt/apt-helper";
const PARALLEL = 8;

/**
 * Downloads through the host's apt where it is installed, so that its proxies, credentials and certificates apply, and
 * with fetch elsewhere. Every file appears under its name only after its hash was found right.
 */
export function createDownloads(fetcher: Fetcher = existsSync(APT_HELPER) ? fetchWithApt : fetchOverHttp): Downloads {
  return async (files, signal) => {
    const present = await Promise.all(files.map(isPresent));
    const missing = files.filter((_, index) => !present[index]);
    if (missing.length === 0) return;
    for (const folder of new Set(missing.map(({ file }) => dirname(file)))) await mkdir(folder, { recursive: true });
    // Another process or task may be fetching the same file.
    const ending = `${randomIds.text(8)}.part`;
    const temporary = missing.map(({ url, file }) => ({ url, file: `${file}.${ending}` }));
    try {
      await fetcher(temporary, signal);
      await Promise.all(missing.map((download) => accept(download, `${download.file}.${ending}`)));
    } finally {
      await Promise.all(temporary.map(({ file }) => rm(file, { force: true })));
    }
  };
}

/** Downloads with Node's fetch; for hosts without apt. */
export const fetchOverHttp: Fetcher = async (files, signal) => {
  const todo = [...files];
  const worker = async (): Promise<void> => {
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
      const response = await fetch(next.url, signal ? { signal } : {});
      if (!response.ok || !response.body) throw new Error(`${next.url} answered with status ${response.status}`);
      await pipeline(Readable.fromWeb(response.body), createWriteStream(next.file));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
};

const fetchWithApt: Fetcher = async (files, signal) => {
  const options = ["-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=3", "-qq"];
  // An empty third argument stands for "no hash": the files are verified afterwards in any case.
  const triples = files.flatMap(({ url, file }) => [url, file, ""]);
  try {
    await promisify(execFile)(APT_HELPER, [...options, "download-file", ...triples], signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw new Error(`apt could not download packages: ${((error as { stderr?: string }).stderr ?? "").trim()}`, {
      cause: error,
    });
  }
};

async function isPresent({ file, sha256 }: Download): Promise<boolean> {
  return sha256 !== undefined && existsSync(file) && (await sha256Of(file)) === sha256;
}

async function accept({ url, file, sha256 }: Download, temporary: string): Promise<void> {
  const actual = sha256 === undefined ? undefined : await sha256Of(temporary);
  if (actual !== sha256) throw new Error(`${url} has SHA-256 ${actual} instead of ${sha256}`);
  await rename(temporary, file);
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
