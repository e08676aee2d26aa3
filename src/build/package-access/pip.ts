import type { PipConfiguration } from "../../platform/registries/pip-configuration.ts";
import { CA_FILE, CACHE_VOLUME, type PackageAccess } from "./package-access.ts";

/**
 * Lets pip, uv, Poetry and Pipenv use the package index that pip on this machine is configured for. `caFile` is a bundle
 * of certificate authorities on this machine that vouch for it. The machine's credentials and folders of packages stay
 * out.
 */
export function pipPackageAccess(configuration: PipConfiguration, caFile: string | undefined): PackageAccess {
  const { indexUrl, proxy } = configuration;
  const trust = caFile === undefined ? {} : { PIP_CERT: CA_FILE, REQUESTS_CA_BUNDLE: CA_FILE, SSL_CERT_FILE: CA_FILE };
  return {
    env: {
      ...trust,
      ...(indexUrl === undefined ? {} : { PIPENV_PYPI_MIRROR: indexUrl }),
      ...(proxy === undefined ? {} : { HTTP_PROXY: proxy, HTTPS_PROXY: proxy }),
      PIP_DISABLE_PIP_VERSION_CHECK: "1",
      UV_CACHE_DIR: `${CACHE_VOLUME}/uv`,
      UV_LINK_MODE: "copy",
      // Other versions of Python are not to be had from package registries.
      UV_PYTHON_DOWNLOADS: "never",
      POETRY_CACHE_DIR: `${CACHE_VOLUME}/poetry`,
      PIPENV_CACHE_DIR: `${CACHE_VOLUME}/pipenv`,
    },
    homeFiles: { ".config/pip/pip.conf": pipConf(configuration), ".config/uv/uv.toml": uvToml(configuration) },
    mounts: caFile === undefined ? [] : [{ source: caFile, destination: CA_FILE, readOnly: true }],
  };
}

function pipConf({ indexUrl, extraIndexUrls, trustedHosts }: PipConfiguration): string {
  const lists = { "extra-index-url": extraIndexUrls, "trusted-host": trustedHosts };
  return [
    "[global]",
    `cache-dir = ${CACHE_VOLUME}/pip`,
    ...(indexUrl === undefined ? [] : [`index-url = ${indexUrl}`]),
    ...Object.entries(lists).flatMap(([name, values]) =>
      values.length > 0 ? [`${name} =`, ...values.map(indent)] : [],
    ),
    "",
  ].join("\n");
}

/** What a project says in its pyproject.toml comes before what is said here. uv: "Configuration files". */
function uvToml({ indexUrl, extraIndexUrls, trustedHosts }: PipConfiguration): string {
  const indexes = [
    ...extraIndexUrls.map((url) => `[[index]]\nurl = ${JSON.stringify(url)}\n`),
    ...(indexUrl === undefined ? [] : [`[[index]]\nurl = ${JSON.stringify(indexUrl)}\ndefault = true\n`]),
  ];
  const hosts = trustedHosts.length > 0 ? [`allow-insecure-host = ${JSON.stringify(trustedHosts)}\n`] : [];
  return [...hosts, ...indexes].join("\n");
}

function indent(text: string): string {
  return `    ${text}`;
}
