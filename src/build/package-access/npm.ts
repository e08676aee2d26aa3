import { formatNpmrc, type NpmConfiguration } from "../../platform/registries/npm-configuration.ts";
import { CA_FILE, CACHE_VOLUME, type PackageAccess } from "./package-access.ts";

/**
 * Lets npm, Yarn, pnpm and Bun use the registry that npm on this machine is configured for. `caFile` is a bundle of
 * certificate authorities on this machine that vouch for it, for example the value of NODE_EXTRA_CA_CERTS. The
 * machine's credentials stay out: builds run other people's code.
 */
export function npmPackageAccess(configuration: NpmConfiguration, caFile = configuration.caFile): PackageAccess {
  const { registry, httpsProxy, proxy, noProxy } = configuration;
  const inSandbox = caFile === undefined ? {} : { caFile: CA_FILE };
  const yarnrc: Record<string, string> = {
    npmRegistryServer: registry,
    globalFolder: `${CACHE_VOLUME}/yarn-berry`,
    enableTelemetry: "false",
    ...(caFile === undefined ? {} : { httpsCaFilePath: CA_FILE }),
    ...(registry.startsWith("http:") ? { unsafeHttpWhitelist: `["${new URL(registry).hostname}"]` } : {}),
  };
  return {
    env: {
      ...optional("HTTP_PROXY", proxy),
      ...optional("HTTPS_PROXY", httpsProxy),
      ...optional("NO_PROXY", noProxy),
      ...optional("NODE_EXTRA_CA_CERTS", caFile === undefined ? undefined : CA_FILE),
    },
    homeFiles: {
      ".npmrc": `${formatNpmrc(configuration, inSandbox)}cache=${CACHE_VOLUME}/npm\nlogs-max=0\nupdate-notifier=false\n`,
      ".yarnrc": `cache-folder "${CACHE_VOLUME}/yarn"\n`,
      ".yarnrc.yml": Object.entries(yarnrc)
        .map(([name, value]) => `${name}: ${value}\n`)
        .join(""),
      // Its registry and certificates Bun reads from .npmrc.
      ".bunfig.toml": `[install.cache]\ndir = "${CACHE_VOLUME}/bun"\n`,
      ".config/pnpm/rc": `store-dir=${CACHE_VOLUME}/pnpm\n`,
      ".config/pnpm/config.yaml": `storeDir: ${CACHE_VOLUME}/pnpm\n`,
    },
    mounts: caFile === undefined ? [] : [{ source: caFile, destination: CA_FILE, readOnly: true }],
  };
}

function optional(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}
