import { parseStanza, type Stanza } from "../../platform/registries/deb822.ts";
import { parseRelations, satisfies, type Relation } from "./relations.ts";
import { compareVersions } from "./version.ts";

/** A binary package as an archive's index describes it. */
export interface BinaryPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly priority: string;
  /** Depends and Pre-Depends together. */
  readonly depends: readonly (readonly Relation[])[];
  readonly provides: readonly Relation[];
  /** URL of the .deb. */
  readonly url: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** All fields of the index, for the package database of an image. */
  readonly control: Stanza;
}

/** What one Packages file offers. */
export interface PackagesIndex {
  /** Every version of the package, in the file's order. */
  versions(name: string): readonly BinaryPackage[];
  /** Every package that provides the name, versions as they stand. */
  providers(name: string): readonly BinaryPackage[];
}

const START = Buffer.from("Package: ");
const NEXT = Buffer.from("\n\nPackage: ");
const PROVIDES = Buffer.from("\nProvides: ");
const END_OF_LINE = 10;

/**
 * Opens an uncompressed Packages file. Only names and provisions are looked at in full (the file has tens of megabytes);
 * a stanza is parsed when it is asked for. `baseUrl` is what Filename fields are relative to.
 */
export function openPackagesIndex(content: Buffer, baseUrl: string): PackagesIndex {
  const starts = stanzaStarts(content);
  const byName = groupBy(starts, (start) => [lineAt(content, start + START.length)]);
  const byProvision = groupBy(provisions(content, starts), ([, names]) => names);
  const read = (start: number): BinaryPackage => readPackage(content, start, baseUrl);
  return {
    versions: (name) => (byName.get(name) ?? []).map(read),
    providers: (name) => (byProvision.get(name) ?? []).map(([start]) => read(start)),
  };
}

/** Looks in several indexes for what satisfies a relation: the package of that name first, then providers. */
export function candidates(indexes: readonly PackagesIndex[], relation: Relation): BinaryPackage[] {
  const own = indexes
    .flatMap((index) => index.versions(relation.name))
    .filter(({ version }) => satisfies(version, relation))
    .sort((a, b) => compareVersions(b.version, a.version));
  if (own.length > 0) return own;
  return indexes
    .flatMap((index) => index.providers(relation.name))
    .filter((candidate) => provides(candidate, relation))
    .sort(byPreference);
}

/** Whether a package satisfies a relation by its name or by what it provides (policy, section 7.5). */
export function fulfils(candidate: BinaryPackage, relation: Relation): boolean {
  return (candidate.name === relation.name && satisfies(candidate.version, relation)) || provides(candidate, relation);
}

function provides(candidate: BinaryPackage, relation: Relation): boolean {
  return candidate.provides.some(
    ({ name, version }) =>
      name === relation.name &&
      (relation.version === undefined || (version !== undefined && satisfies(version, relation))),
  );
}

const PRIORITIES: readonly string[] = ["required", "important", "standard", "optional", "extra"];

function byPreference(a: BinaryPackage, b: BinaryPackage): number {
  const byPriority = PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority);
  if (byPriority !== 0) return byPriority;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : compareVersions(b.version, a.version);
}

function stanzaStarts(content: Buffer): number[] {
  const starts = content.subarray(0, START.length).equals(START) ? [0] : [];
  for (let at = content.indexOf(NEXT); at >= 0; at = content.indexOf(NEXT, at + 2)) starts.push(at + 2);
  return starts;
}

function* provisions(content: Buffer, starts: readonly number[]): Iterable<[start: number, names: string[]]> {
  let stanza = 0;
  for (let at = content.indexOf(PROVIDES); at >= 0; at = content.indexOf(PROVIDES, at + 1)) {
    while (stanza + 1 < starts.length && starts[stanza + 1]! < at) stanza++;
    const field = lineAt(content, at + PROVIDES.length);
    yield [starts[stanza]!, parseRelations(field).map(([first]) => first!.name)];
  }
}

function groupBy<T>(items: Iterable<T>, keysOf: (item: T) => readonly string[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    for (const key of keysOf(item)) {
      const group = groups.get(key);
      if (group) group.push(item);
      else groups.set(key, [item]);
    }
  }
  return groups;
}

function lineAt(content: Buffer, start: number): string {
  const end = content.indexOf(END_OF_LINE, start);
  return content.toString("utf8", start, end < 0 ? content.length : end);
}

function readPackage(content: Buffer, start: number, baseUrl: string): BinaryPackage {
  const end = content.indexOf("\n\n", start);
  const control = parseStanza(content.toString("utf8", start, end < 0 ? content.length : end));
  const field = (name: string): string => control.get(name) ?? "";
  const depends = [field("pre-depends"), field("depends")].flatMap(parseRelations);
  return {
    name: field("package"),
    version: field("version"),
    architecture: field("architecture"),
    priority: field("priority"),
    depends,
    provides: parseRelations(field("provides")).map(([first]) => first!),
    url: `${baseUrl}/${field("filename")}`,
    sha256: field("sha256"),
    sizeBytes: Number(field("size")),
    control,
  };
}
