/**
 * Packages that others depend on only to run their maintainer scripts. Nothing here runs those, and perl alone would
 * double the size of an image.
 */
export const ONLY_FOR_INSTALLING: ReadonlySet<string> = new Set([
  "cdebconf",
  "debconf",
  "debconf-2.0",
  "dpkg",
  "init-system-helpers",
  "install-info",
  "libdebconfclient0",
  "perl",
  "perl-base",
  "sensible-utils",
  "ucf",
]);
