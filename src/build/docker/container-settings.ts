import { CA_FILE, CACHE_VOLUME, type PackageAccess } from "../package-access/package-access.ts";
import type { AddedToContainers } from "./programs/oci-config.ts";

/** Where the sandbox has the settings of podman. */
export const SETTINGS_FOLDER = "/etc/containers";
/** Where the sandbox has the store of images, which outlives the build as its project's cache. */
export const STORE_FOLDER = "/var/lib/containers";
/** Where the sandbox has what podman knows of the containers and volumes of one build. */
export const STATE_FOLDER = "/var/lib/homerun-containers";
/** Where containers have the files that let them reach registries; on a file system that no image holds. */
const ADDED_FOLDER = "/dev/homerun";
const NPMRC = "npmrc";
/** Variables by which programs of all kinds are told what certificate authorities to trust. */
const CA_VARIABLES = [
  "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "NODE_EXTRA_CA_CERTS",
  "PIP_CERT",
  "REQUESTS_CA_BUNDLE",
  "SSL_CERT_FILE",
];

/** The files of podman's configuration folder (containers.conf(5), containers-storage.conf(5), ...), by their names. */
export function containerSettings(packages: PackageAccess, driver: "overlay" | "vfs"): Record<string, string> {
  const npmrc = npmSettings(packages);
  return {
    "containers.conf": CONTAINERS_CONF,
    "storage.conf": `[storage]
driver = "${driver}"
runroot = "/run/containers/storage"
graphroot = "${STORE_FOLDER}/storage"
`,
    // "containers-auth.json" stands for what `docker login` has written.
    "registries.conf": `unqualified-search-registries = ["docker.io"]
short-name-mode = "disabled"
credential-helpers = ["containers-auth.json", "homerun"]
`,
    "policy.json": JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }),
    "added.json": JSON.stringify(addedToContainers(packages, npmrc !== undefined)),
    ...(npmrc === undefined ? {} : { [NPMRC]: npmrc }),
  };
}

const CONTAINERS_CONF = `[containers]
cgroups = "disabled"
netns = "host"
keyring = false
label = false
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "crun"
image_copy_tmp_dir = "${STORE_FOLDER}/tmp"
static_dir = "${STATE_FOLDER}/libpod"
volume_path = "${STATE_FOLDER}/volumes"
[engine.runtimes]
crun = ["/cnb/docker/runtime"]
`;

/**
 * How RUN instructions and containers reach registries, as the machine does: its proxies, authorities and settings, in
 * nothing that an image keeps.
 */
function addedToContainers(packages: PackageAccess, hasNpmrc: boolean): AddedToContainers {
  const mounts = packages.mounts.map(({ destination }) => [inContainers(destination), destination] as const);
  const files = { ...Object.fromEntries(mounts), ...(hasNpmrc && { [NPMRC_FILE]: `${SETTINGS_FOLDER}/${NPMRC}` }) };
  const ca = inContainers(CA_FILE);
  // Caches of a build's own are not there.
  const known = Object.entries(packages.env).filter(([, value]) => !value.startsWith(`${CACHE_VOLUME}/`));
  const given = known.map(([name, value]) => [name, inContainers(value)] as const);
  const proxies = given.filter(([name]) => /^(HTTPS?|NO)_PROXY$/.test(name));
  const env = {
    ...(ca in files && Object.fromEntries(CA_VARIABLES.map((name) => [name, ca]))),
    ...Object.fromEntries(proxies.map(([name, value]) => [name.toLowerCase(), value])),
    ...Object.fromEntries(given),
    ...(hasNpmrc && { NPM_CONFIG_GLOBALCONFIG: NPMRC_FILE }),
  };
  return { env, files };
}

const NPMRC_FILE = `${ADDED_FOLDER}/${NPMRC}`;

/** A text that names files of the step, with their places in containers. */
function inContainers(text: string): string {
  return text.replaceAll("/cnb/", `${ADDED_FOLDER}/`);
}

/** What npm reads after a project's and a user's own settings; without what only suits a build of homerun's own. */
function npmSettings({ homeFiles }: PackageAccess): string | undefined {
  const lines = homeFiles[".npmrc"]?.split("\n").filter((line) => !/^(cache|logs-max)=/.test(line));
  return lines && inContainers(lines.join("\n"));
}
