import type { MavenProxy, MavenSettings } from "../../platform/registries/maven-settings.ts";
import { CACHE_VOLUME, type PackageAccess } from "./package-access.ts";

/**
 * Lets Maven and Gradle use the mirrors and proxies that the machine's Maven is configured for. The certificates that
 * vouch for them come with what surrounds the sandbox: a JVM reads no PEM. Downloads stay with the project.
 */
export function mavenPackageAccess({ mirrors, proxies }: MavenSettings): PackageAccess {
  return {
    env: {
      // Where wrappers keep distributions, and Gradle all its downloads.
      MAVEN_USER_HOME: `${CACHE_VOLUME}/maven`,
      GRADLE_USER_HOME: `${CACHE_VOLUME}/gradle`,
      ...(proxies.length === 0 ? {} : { GRADLE_OPTS: proxies.flatMap(proxyProperties).join(" ") }),
    },
    homeFiles: {
      ".m2/settings.xml": [
        "<settings>",
        `<localRepository>${CACHE_VOLUME}/maven/repository</localRepository>`,
        "<mirrors>",
        ...mirrors.map((mirror) => element("mirror", mirror)),
        "</mirrors>",
        "<proxies>",
        ...proxies.map((proxy, index) => element("proxy", { id: `proxy-${index}`, ...proxy })),
        "</proxies>",
        "</settings>",
        "",
      ].join("\n"),
    },
    mounts: [],
  };
}

function element(name: string, fields: object): string {
  const lines = Object.entries(fields).map(([field, value]) => `  <${field}>${escape(String(value))}</${field}>`);
  return [`<${name}>`, ...lines, `</${name}>`].join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Java: "Networking Properties". */
function proxyProperties({ protocol, host, port, nonProxyHosts }: MavenProxy): string[] {
  const exceptions = nonProxyHosts === undefined ? [] : [`"-Dhttp.nonProxyHosts=${nonProxyHosts}"`];
  return [`-D${protocol}.proxyHost=${host}`, `-D${protocol}.proxyPort=${port}`, ...exceptions];
}
