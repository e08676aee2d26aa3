import type { DebianRecipe } from "../layers/debian-layer.ts";

/** Layers of a build image that are composed and fetched only once a build calls one of their programs. */
export interface OnDemandTools {
  /** Programs below /usr/bin that stand for all of them; none may be in a layer below. */
  readonly programs: readonly string[];
  readonly recipe: DebianRecipe;
}

/** What native modules are compiled with. Google: buildpacks, stacks/google_24_full/build-packages.txt. */
const COMPILERS: readonly string[] = ["g++", "gcc", "libc6-dev", "make", "patch", "pkg-config", "python3"];
const PROGRAMS: readonly string[] = [
  "bison",
  "bzip2",
  "file",
  "git",
  "re2c",
  "rsync",
  "unzip",
  "wget",
  "xz-utils",
  "zip",
];
/** Google's, but for those that would bring a desktop's libraries along (ImageMagick, GD, librsvg, ICU). */
const HEADERS: readonly string[] = [
  "libblas-dev",
  "libbz2-dev",
  "libcurl4-openssl-dev",
  "libexpat1-dev",
  "libffi-dev",
  "libfreetype-dev",
  "libgcrypt20-dev",
  "libgdbm-dev",
  "libgmp-dev",
  "libjpeg-dev",
  "libkrb5-dev",
  "libldap2-dev",
  "liblzma-dev",
  "libmariadb-dev",
  "libmemcached-dev",
  "libncurses-dev",
  "libonig-dev",
  "libpng-dev",
  "libpq-dev",
  "libreadline-dev",
  "libsasl2-dev",
  "libsnappy-dev",
  "libsodium-dev",
  "libsqlite3-dev",
  "libssl-dev",
  "libtidy-dev",
  "libwebp-dev",
  "libxml2-dev",
  "libxslt1-dev",
  "libyaml-dev",
  "libzip-dev",
  "unixodbc-dev",
  "uuid-dev",
  "zlib1g-dev",
];
/** Documentation, and what finds errors in running programs: large, and nothing that compiling needs. */
const WITHOUT: readonly string[] = [
  "git-man",
  "javascript-common",
  "libasan8",
  "libgprofng0",
  "libhwasan0",
  "libjs-jquery",
  "liblsan0",
  "libtsan2",
  "libubsan1",
];

/** Compilers, headers and tools for any language: one layer for all build images of a Debian release. */
export const BUILD_TOOLS: OnDemandTools = {
  programs: [
    "ar",
    "as",
    "bison",
    "bunzip2",
    "bzip2",
    "c++",
    "cc",
    "cpp",
    "file",
    "g++",
    "gcc",
    "git",
    "ld",
    "make",
    "patch",
    "pkg-config",
    "python3",
    "ranlib",
    "re2c",
    "rsync",
    "unxz",
    "unzip",
    "wget",
    "xz",
    "zip",
  ],
  recipe: {
    kind: "debian",
    title: "Build tools",
    packages: [...COMPILERS, ...PROGRAMS, ...HEADERS],
    without: WITHOUT,
    links: { "usr/bin/cc": "gcc", "usr/bin/c++": "g++" },
    isShared: true,
  },
};

/** The tools for images in which some of the programs are already: these are called as they are. */
export function buildToolsBeside(present: readonly string[]): OnDemandTools {
  return { ...BUILD_TOOLS, programs: BUILD_TOOLS.programs.filter((name) => !present.includes(name)) };
}
