import type { ServerState } from "./state-file.ts";

export interface ClientDefaults {
  readonly project: string;
  readonly region: string;
}

type Settings = Readonly<Record<string, string>>;

/** APIs that gcloud can be pointed at one by one; storage must be the bare root, since its upload paths are absolute. */
const OVERRIDABLE = [
  "artifactregistry",
  "cloudbuild",
  "cloudfunctions",
  "cloudkms",
  "cloudresourcemanager",
  "cloudscheduler",
  "cloudtasks",
  "containeranalysis",
  "eventarc",
  "eventarcpublishing",
  "iam",
  "iamcredentials",
  "logging",
  "monitoring",
  "pubsub",
  "run",
  "secretmanager",
  "serviceusage",
];

/**
 * The server as an HTTP proxy that answers for Google's hosts: no endpoint override and no name resolution, for gcloud,
 * gsutil, Terraform, docker and the client libraries of every language.
 */
export function proxyVariables(state: ServerState, defaults: ClientDefaults): Settings {
  const proxy = `http://${state.host}:${state.port}`;
  return {
    HTTPS_PROXY: proxy,
    https_proxy: proxy,
    NO_PROXY: "localhost,127.0.0.1,::1",
    no_proxy: "localhost,127.0.0.1,::1",
    CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE: state.caFile,
    // Node.js itself looks at the variables above only when told to.
    NODE_USE_ENV_PROXY: "1",
    NODE_EXTRA_CA_CERTS: state.caFile,
    REQUESTS_CA_BUNDLE: state.caFile,
    SSL_CERT_FILE: state.caFile,
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: state.caFile,
    CURL_CA_BUNDLE: state.caFile,
    ...credentials(),
    ...projectAndRegion(defaults),
  };
}

/** Plain HTTP, no certificate: endpoint overrides of gcloud, and the emulator variables of the client libraries. */
export function overrideVariables(state: ServerState, defaults: ClientDefaults): Settings {
  const root = `http://${state.host}:${state.port}`;
  const overrides = OVERRIDABLE.map((api) => [variableOf(api), `${root}/${api}/`]);
  return {
    ...Object.fromEntries(overrides),
    // gcloud puts the region in front of this host: us-central1-localhost, which nothing resolves. The server, as the
    // proxy for plain HTTP, knows it by name; "localhost" among the exceptions would cover it, too.
    [variableOf("run")]: `http://localhost:${state.port}/run/`,
    http_proxy: root,
    no_proxy: "127.0.0.1",
    NO_PROXY: "127.0.0.1",
    [variableOf("storage")]: `${root}/`,
    STORAGE_EMULATOR_HOST: root,
    PUBSUB_EMULATOR_HOST: `${state.host}:${state.port}`,
    ...credentials(),
    ...projectAndRegion(defaults),
  };
}

/** The proxy as properties of a gcloud configuration. */
export function proxyProperties(state: ServerState, { project, region }: ClientDefaults): Settings {
  return {
    "proxy/type": "http",
    "proxy/address": state.host,
    "proxy/port": String(state.port),
    "core/custom_ca_certs_file": state.caFile,
    "auth/disable_credentials": "true",
    "core/project": project,
    "run/region": region,
    "functions/region": region,
    "functions/gen2": "on",
  };
}

function credentials(): Settings {
  return { CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "true" };
}

function projectAndRegion({ project, region }: ClientDefaults): Settings {
  return {
    CLOUDSDK_CORE_PROJECT: project,
    GOOGLE_CLOUD_PROJECT: project,
    CLOUDSDK_RUN_REGION: region,
    CLOUDSDK_FUNCTIONS_REGION: region,
    CLOUDSDK_FUNCTIONS_GEN2: "on",
  };
}

function variableOf(api: string): string {
  return `CLOUDSDK_API_ENDPOINT_OVERRIDES_${api.toUpperCase()}`;
}
