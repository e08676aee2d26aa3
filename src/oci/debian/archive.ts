import { existsSync } from "node:fs";
import { join } from "node:path";
import { readAptSources, type AptSource } from "../../platform/registries/apt-sources.ts";
import { readOsRelease } from "../../platform/registries/os-release.ts";

/** One suite of a distribution's package archive. */
export interface ArchiveSuite {
  /** Root of the mirror, the folder that holds dists/ and pool/. */
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
}

/** Where packages come from and whose signature they carry. */
export interface Archive {
  /** What os-release calls the distribution: debian or ubuntu. */
  readonly distribution: string;
  /** The release's name, for example trixie. */
  readonly codename: string;
  readonly suites: readonly ArchiveSuite[];
  /** Keyring files; each suite must be signed by one of their keys. */
  readonly keyrings: readonly string[];
}

/** Thrown when the host's apt sources name no mirror to take packages from and the settings name none either. */
export class NoArchiveError extends Error {
  override readonly name = "NoArchiveError";
}

/** The Debian release that is taken on Debian hosts unless another is asked for, whatever release the host itself has. */
const DEBIAN_CODENAME = "trixie";
const KEYS = join(import.meta.dirname, "keys");
const DEBIAN_KEYRINGS: readonly string[] = [
  "/usr/share/keyrings/debian-archive-keyring.gpg",
  ...["bookworm", "trixie"].flatMap((codename) =>
    ["stable", "automatic", "security-automatic"].map((name) => join(KEYS, `debian-archive-${codename}-${name}.asc`)),
  ),
];
const UBUNTU_KEYRING = "/usr/share/keyrings/ubuntu-archive-keyring.gpg";
const DISTRIBUTIONS: Readonly<Record<string, { components: readonly string[]; keyrings: readonly string[] }>> = {
  debian: { components: ["main"], keyrings: DEBIAN_KEYRINGS },
  ubuntu: { components: ["main", "universe"], keyrings: [UBUNTU_KEYRING] },
};

/** Where the host says what it is. */
interface Host {
  readonly aptFolder?: string;
  readonly osReleaseFile?: string;
}

/**
 * The archive that images of a release are composed from: of the mirror that is given, else of the host's apt sources.
 * Throws NoArchiveError where the host's own packages cannot stand in for that release's.
 */
export async function composeArchive(codename: string, mirror: string | undefined, host: Host = {}): Promise<Archive> {
  if (mirror !== undefined) return debianArchive(mirror, codename);
  const archive = await hostArchive({ ...host, codename });
  // What asks for another release than the usual one needs that release.
  if (archive.codename === codename || codename === DEBIAN_CODENAME) return archive;
  throw new NoArchiveError(`the packages of Debian ${codename} are needed: name a mirror with --debian-mirror`);
}

/**
 * The archive to compose images from: the mirrors in the host's own apt sources; on Debian with the release that is
 * asked for, on Ubuntu with the host's. Updates and security suites are taken where the host has them. Throws
 * NoArchiveError elsewhere.
 */
export async function hostArchive(asked: Host & { readonly codename?: string } = {}): Promise<Archive> {
  const { aptFolder, osReleaseFile } = asked;
  const osRelease = await readOsRelease(osReleaseFile);
  const distribution = osRelease["ID"] ?? "";
  const hostCodename = osRelease["VERSION_CODENAME"] ?? "";
  const known = DISTRIBUTIONS[distribution];
  if (!known)
    throw new NoArchiveError(`no package archive known for ${distribution || "this system"}: name one in the settings`);
  const codename = distribution === "debian" ? (asked.codename ?? DEBIAN_CODENAME) : hostCodename;
  const suites = (await readAptSources(aptFolder))
    .filter((source) => isDistributionSource(source, distribution))
    .flatMap((source) => suiteOf(source, hostCodename, codename, known.components));
  if (!suites.some(({ suite }) => suite === codename)) {
    throw new NoArchiveError("the apt sources name no mirror of the distribution: name one in the settings");
  }
  return {
    distribution,
    codename,
    suites: distinct(suites),
    keyrings: known.keyrings.filter((file) => existsSync(file)),
  };
}

/** The Debian archive of one mirror, whatever the host itself is; security fixes come with the release's updates. */
export function debianArchive(mirror: string, codename: string = DEBIAN_CODENAME): Archive {
  const { components, keyrings } = DISTRIBUTIONS["debian"]!;
  const suites = ["", "-updates"].map((kind) => ({ uri: mirror, suite: `${codename}${kind}`, components }));
  return {
    distribution: "debian",
    codename,
    suites,
    keyrings: keyrings.filter((file) => existsSync(file)),
  };
}

function isDistributionSource({ keyring }: AptSource, distribution: string): boolean {
  // Third parties use the same suite names, but sign with keys of their own.
  return keyring === undefined || keyring.includes(`${distribution}-archive`);
}

function suiteOf(
  source: AptSource,
  hostCodename: string,
  codename: string,
  components: readonly string[],
): ArchiveSuite[] {
  const match = /^(.+?)(|-updates|-security)$/.exec(source.suite);
  if (!match || ![hostCodename, "stable", "oldstable"].includes(match[1]!)) return [];
  const present = components.filter((component) => source.components.includes(component));
  return present.length > 0 ? [{ uri: source.uri, suite: `${codename}${match[2]}`, components: present }] : [];
}

function distinct(suites: readonly ArchiveSuite[]): ArchiveSuite[] {
  return [...new Map(suites.map((suite) => [`${suite.uri} ${suite.suite}`, suite])).values()];
}
