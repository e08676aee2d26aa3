/** How a bucket is mounted, by the options of Cloud Storage FUSE. */
export interface BucketMountOptions {
  /** Prefix of the objects that are shown: "" or "folder/". */
  readonly prefix: string;
  /** Whether "a/b" makes a folder "a" without an object "a/". */
  readonly implicitDirs: boolean;
  readonly uid: number;
  readonly gid: number;
  readonly fileMode: number;
  readonly dirMode: number;
  readonly readOnly: boolean;
  /** Options of mount(8) as given: "noexec". */
  readonly flags: readonly string[];
  /** How long what is known of an object counts; opening asks nevertheless. */
  readonly metadataTtlMs: number;
  /** How long it counts that there is no object. */
  readonly negativeTtlMs: number;
  /** Objects whose metadata is kept. */
  readonly statCacheEntries: number;
  /** Objects that renaming a folder may copy. */
  readonly renameDirLimit: number;
}

type Change = Partial<BucketMountOptions>;
type Parser = (value: string | undefined) => Change | undefined;

/** Cloud Run shows folders that have no object of their own; the rest is Cloud Storage FUSE's default. */
const DEFAULTS: BucketMountOptions = {
  prefix: "",
  implicitDirs: true,
  uid: 0,
  gid: 0,
  fileMode: 0o644,
  dirMode: 0o755,
  readOnly: false,
  flags: [],
  metadataTtlMs: 60_000,
  negativeTtlMs: 5_000,
  statCacheEntries: 20_460,
  renameDirLimit: 0,
};
/** Google: gcsfuse docs/semantics.md: 32 MB hold about 20,460 entries. */
const ENTRIES_PER_MB = 640;
const FLAGS_OF_O = ["rw", "noexec", "exec", "nosuid", "nodev", "noatime", "sync", "dirsync"];
const DURATION_UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** What homerun acts on, by name; everything else is refused. */
const PARSERS: Readonly<Record<string, Parser>> = {
  "implicit-dirs": (value) => booleanOf(value, (implicitDirs) => ({ implicitDirs })),
  "only-dir": (value) => (value ? { prefix: folderOf(value) } : undefined),
  uid: (value) => numberOf(value, 0, (uid) => ({ uid })),
  gid: (value) => numberOf(value, 0, (gid) => ({ gid })),
  "file-mode": (value) => modeOf(value, (fileMode) => ({ fileMode })),
  "dir-mode": (value) => modeOf(value, (dirMode) => ({ dirMode })),
  "metadata-cache-ttl-secs": (value) => numberOf(value, -1, (ttl) => ({ metadataTtlMs: unlessEndless(ttl) * 1000 })),
  "metadata-cache-negative-ttl-secs": (value) =>
    numberOf(value, -1, (ttl) => ({ negativeTtlMs: unlessEndless(ttl) * 1000 })),
  "stat-cache-max-size-mb": (value) =>
    numberOf(value, -1, (size) => ({ statCacheEntries: unlessEndless(size) * ENTRIES_PER_MB })),
  "stat-cache-ttl": (value) => durationOf(value, (metadataTtlMs) => ({ metadataTtlMs })),
  "type-cache-ttl": (value) => durationOf(value, () => ({})),
  "rename-dir-limit": (value) => numberOf(value, 0, (renameDirLimit) => ({ renameDirLimit })),
  o: (value) => flagsOf(value),
};

/**
 * Says in one sentence what is wrong with mount options, given without "--": an option that is unknown or not supported,
 * or a value that is none of its kind. Undefined when they can be mounted.
 */
export function mountOptionsProblem(options: readonly string[]): string | undefined {
  return options.map((option) => parseOption(option).problem).find((problem) => problem !== undefined);
}

/** Reads mount options; throws an Error with the problem that mountOptionsProblem names. */
export function parseMountOptions(options: readonly string[]): BucketMountOptions {
  let parsed = DEFAULTS;
  for (const option of options) {
    const { change, problem } = parseOption(option);
    if (problem !== undefined) throw new Error(problem);
    parsed = { ...parsed, ...change, flags: [...parsed.flags, ...(change?.flags ?? [])] };
  }
  return parsed;
}

function parseOption(option: string): { readonly change?: Change; readonly problem?: string } {
  const equals = option.indexOf("=");
  const name = equals === -1 ? option : option.slice(0, equals);
  const value = equals === -1 ? undefined : option.slice(equals + 1);
  const parser = Object.hasOwn(PARSERS, name) ? PARSERS[name] : undefined;
  if (parser === undefined) return { problem: `The mount option ${name} is not supported by homerun.` };
  const change = parser(value);
  if (change === undefined) return { problem: `The mount option ${option} has an invalid value.` };
  return { change };
}

function booleanOf(value: string | undefined, change: (value: boolean) => Change): Change | undefined {
  if (value === undefined || value === "true") return change(true);
  return value === "false" ? change(false) : undefined;
}

function numberOf(value: string | undefined, least: number, change: (value: number) => Change): Change | undefined {
  if (value === undefined || !/^-?\d{1,10}$/.test(value) || Number(value) < least) return undefined;
  return change(Number(value));
}

function modeOf(value: string | undefined, change: (value: number) => Change): Change | undefined {
  return value !== undefined && /^0?[0-7]{1,3}$/.test(value) ? change(Number.parseInt(value, 8)) : undefined;
}

function durationOf(value: string | undefined, change: (ms: number) => Change): Change | undefined {
  if (value === "0") return change(0);
  const parts =
    value === undefined || !/^(?:[\d.]+(?:ms|s|m|h))+$/.test(value) ? [] : value.match(/[\d.]+(?:ms|s|m|h)/g)!;
  const ms = parts.map((part) => Number.parseFloat(part) * DURATION_UNITS_MS[part.replace(/[\d.]+/, "")]!);
  const total = ms.reduce((sum, each) => sum + each, 0);
  return parts.length === 0 || Number.isNaN(total) ? undefined : change(total);
}

function flagsOf(value: string | undefined): Change | undefined {
  const names = value?.split(",") ?? [];
  if (names.length === 0 || !names.every((name) => name === "ro" || FLAGS_OF_O.includes(name))) return undefined;
  const flags = names.filter((name) => name !== "ro" && name !== "rw");
  return { flags, ...(names.includes("ro") && { readOnly: true }) };
}

/** "/a/b/" and "a/b" are the prefix "a/b/". */
function folderOf(path: string): string {
  const parts = path.split("/").filter(Boolean);
  return parts.length === 0 ? "" : `${parts.join("/")}/`;
}

function unlessEndless(count: number): number {
  return count === -1 ? Infinity : count;
}
