import type { GoConfiguration } from "../../platform/registries/go-configuration.ts";
import { CACHE_VOLUME, type PackageAccess } from "./package-access.ts";

/** Where Go finds certificates besides those of the image. */
const CERTIFICATES = "/cnb/go-certificates";

/**
 * Lets the go command use the module proxies and the checksum database that Go on this machine is configured for; what it
 * is not configured for, the toolchain of the build image knows. `caFile` is a bundle of certificate authorities that
 * vouch for them. Credentials in the proxies' URLs and proxies that are folders of the machine stay out.
 */
export function goPackageAccess(configuration: GoConfiguration, caFile: string | undefined): PackageAccess {
  const { proxy, checksumDatabase, patterns } = configuration;
  return {
    env: {
      ...(proxy === undefined ? {} : { GOPROXY: publicProxies(proxy) }),
      ...(checksumDatabase === undefined ? {} : { GOSUMDB: checksumDatabase }),
      ...patterns,
      GOMODCACHE: `${CACHE_VOLUME}/go/mod`,
      GOCACHE: `${CACHE_VOLUME}/go/build`,
      ...(caFile === undefined ? {} : { SSL_CERT_DIR: `${CERTIFICATES}:/etc/ssl/certs` }),
    },
    // The go command would start another process to count its own calls.
    homeFiles: { ".config/go/telemetry/mode": "off" },
    mounts:
      caFile === undefined ? [] : [{ source: caFile, destination: `${CERTIFICATES}/registries.pem`, readOnly: true }],
  };
}

function publicProxies(goproxy: string): string {
  const entries = goproxy.split(/(?<=[,|])/).filter((entry) => !/^\s*(file:|\/)/.test(entry));
  const list = entries.map((entry) => entry.replace(/^(\s*[a-z]+:\/\/)[^/@]*@/, "$1")).join("");
  // Without any proxy left, modules come from where they are kept.
  return list.replace(/[,|\s]+$/, "") || "direct";
}
