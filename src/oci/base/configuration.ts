import type { BinaryPackage } from "../debian/packages-index.ts";
import { directoryEntry, fileEntry, symlinkEntry, type LayerEntry } from "../layers/layer-entry.ts";

/**
 * The user that functions and builds run as: www-data, 33 in Debian as in Google's google-22-full and google-24-full
 * stacks (GoogleCloudPlatform/buildpacks, stacks/google_24_full/run.Dockerfile).
 */
export const FUNCTION_USER: { readonly uid: number; readonly gid: number; readonly home: string } = {
  uid: 33,
  gid: 33,
  home: "/www-data-home",
};

const NSSWITCH = `passwd: files
group: files
shadow: files
gshadow: files
hosts: files dns
networks: files
protocols: files
services: files
ethers: files
rpc: files
`;

/** What was found in the packages' files. */
export interface Found {
  readonly seen: ReadonlySet<string>;
  readonly kept: ReadonlyMap<string, Buffer>;
}

/** What the maintainer scripts of the packages would have made: accounts, certificates, links, the package database. */
export function configurationEntries(packages: readonly BinaryPackage[], found: Found): LayerEntry[] {
  const { uid, gid, home } = FUNCTION_USER;
  const candidates = [
    fileEntry("etc/passwd", passwd(text(found, "usr/share/base-passwd/passwd.master"))),
    fileEntry("etc/group", text(found, "usr/share/base-passwd/group.master")),
    fileEntry("etc/nsswitch.conf", NSSWITCH),
    fileEntry("etc/profile", text(found, "usr/share/base-files/profile")),
    fileEntry("etc/timezone", "Etc/UTC\n"),
    symlinkEntry("etc/localtime", "/usr/share/zoneinfo/Etc/UTC"),
    // Sandboxes mount their own over these.
    ...["hostname", "hosts", "resolv.conf"].map((name) => fileEntry(`etc/${name}`, "")),
    directoryEntry("etc/ssl"),
    directoryEntry("etc/ssl/certs"),
    fileEntry("etc/ssl/certs/ca-certificates.crt", certificates(found)),
    symlinkEntry("usr/bin/sh", "dash"),
    symlinkEntry("usr/bin/awk", "mawk"),
    symlinkEntry("usr/bin/which", "which.debianutils"),
    ...["tmp", "var/tmp"].map((path) => directoryEntry(path, 0o1777)),
    ...["dev", "proc", "sys", "layers", "platform"].map((path) => directoryEntry(path)),
    directoryEntry("workspace", 0o755, uid, gid),
    directoryEntry(home.slice(1), 0o755, uid, gid),
    directoryEntry("var/lib/dpkg"),
    packageDatabase(packages),
  ];
  return candidates.filter(({ path }) => !found.seen.has(path));
}

/** The package database that says that these are installed. */
export function packageDatabase(packages: readonly BinaryPackage[]): LayerEntry {
  return fileEntry("var/lib/dpkg/status", packages.map(statusOf).join("\n"));
}

/** Records of packages that are installed beside those in the database, a file for each. */
export function packageRecords(packages: readonly BinaryPackage[]): LayerEntry[] {
  return packages.map((item) => fileEntry(`var/lib/dpkg/status.d/${item.name}`, statusOf(item)));
}

function text(found: Found, path: string): string {
  return found.kept.get(path)?.toString("utf8") ?? "";
}

function passwd(master: string): string {
  const home = FUNCTION_USER.home;
  return master.replace(/^(www-data:[^:]*:[^:]*:[^:]*:[^:]*):[^:]*:/m, `$1:${home}:`);
}

function certificates(found: Found): string {
  const paths = [...found.kept.keys()].filter((path) => path.endsWith(".crt")).sort((a, b) => (a < b ? -1 : 1));
  return paths.map((path) => text(found, path)).join("");
}

/** Fields that say where a package came from in the archive, not what is installed. */
const INDEX_FIELDS: ReadonlySet<string> = new Set([
  "package",
  "filename",
  "size",
  "md5sum",
  "sha1",
  "sha256",
  "sha512",
  "description-md5",
]);

function statusOf(installed: BinaryPackage): string {
  const fields = [...installed.control].filter(([name]) => !INDEX_FIELDS.has(name));
  const lines = fields.map(([name, value]) => `${fieldName(name)}: ${value.replaceAll("\n", "\n ")}`);
  return [`Package: ${installed.name}`, "Status: install ok installed", ...lines, ""].join("\n");
}

function fieldName(lowerCase: string): string {
  return lowerCase.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}
