/**
 * What the base layer is made of, besides what these packages depend on: the libraries that programs and native add-ons
 * link to, and the tools that functions and start scripts call. A smaller choice than Google's "full" stacks.
 */
export const BASE_PACKAGES: readonly string[] = [
  "base-files",
  "base-passwd",
  "bash",
  "ca-certificates",
  "coreutils",
  "curl",
  "dash",
  "debianutils",
  "diffutils",
  "findutils",
  "grep",
  "gzip",
  "hostname",
  "libatomic1",
  "libc-bin",
  "libgcc-s1",
  "libstdc++6",
  "mawk",
  "ncurses-base",
  "netbase",
  "openssl",
  "procps",
  "sed",
  "tar",
  "tzdata",
];

/** Whether an image does without a file of a package: documentation but for licences, and translations. */
export function isLeftOut(path: string): boolean {
  if (path.startsWith("usr/share/doc/")) return /^usr\/share\/doc\/[^/]+\/(?!copyright$)/.test(path);
  return /^usr\/share\/(man|info|locale|lintian|bug|doc-base|menu|bash-completion|zsh)(\/|$)/.test(path);
}
