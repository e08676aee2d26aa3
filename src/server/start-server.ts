import { BlockList } from "node:net";
import { join } from "node:path";
import type { Config } from "../platform/config/config.ts";
import { type Clock, systemClock } from "../platform/clock.ts";
import { fileBlobs } from "../platform/blobs/file-blobs.ts";
import { type Ids, randomIds } from "../platform/ids.ts";
import type { Log } from "../platform/log.ts";
import { openStore } from "../platform/store/open-store.ts";
import { createLocalTokens } from "../wire/credentials/local-tokens.ts";
import { createApiListener } from "./listeners/api-listener.ts";
import { takeDataFolder } from "./data-folder.ts";
import { openKeys } from "./keys.ts";
import { openServicesClock } from "./services-clock.ts";
import { openSandboxing } from "./sandboxing.ts";
import { packageAccess, surroundingsOf, writeTrustBundle } from "./surroundings.ts";
import { openCertificateAuthority } from "./tls/certificate-authority.ts";
import { wireUp } from "./wire-up.ts";

const LOOPBACK = "127.0.0.1";

/** A running server. Disposing stops every container, then the listeners, then the store. */
export interface Server extends AsyncDisposable {
  readonly apiPort: number;
  readonly ingressPort: number;
  /** PEM file of what clients have to trust when they use the API port as a proxy; holds what the machine trusts, too. */
  readonly caFile: string;
}

/** Starts everything on the data folder of `config`; resolves when requests are answered. */
export async function startServer(config: Config, log: Log): Promise<Server> {
  await using opening = new AsyncDisposableStack();
  opening.use(await takeDataFolder(config.dataDir));
  // npm's own variable: npm reads it wherever it runs for us, and so does who asks npm for its configuration.
  if (config.sources.npmRegistry !== undefined) process.env["npm_config_registry"] = config.sources.npmRegistry;
  const [clock, ids]: [Clock, Ids] = [systemClock, randomIds];
  const servicesClock = await openServicesClock(config, clock);
  const [store, keys, authority, sandboxing] = await Promise.all([
    openStore(config.storeLocation, { clock, ids, log }),
    openKeys(config.dataDir),
    openCertificateAuthority(join(config.dataDir, "tls"), clock),
    openSandboxing(config, clock, log, opening),
  ]);
  opening.use(store);
  // Outlives the containers: what they write to their volumes as they stop still has to arrive.
  const volumesApi = opening.use(new AsyncDisposableStack());
  const addresses = { api: "", ingress: "", volumesApi: "" };
  const { host, port, ingressPort } = config.listen;
  const trustBundle = await writeTrustBundle(config.dataDir, authority);
  const { networks } = sandboxing;
  const { api, serving } = await wireUp({
    config,
    clock,
    servicesClock,
    ids,
    log,
    store,
    blobs: fileBlobs(join(config.dataDir, "blobs")),
    tokens: createLocalTokens(keys.tokenKey, clock, ids),
    ...keys,
    addresses,
    storageUrl: () => addresses.volumesApi,
    ...sandboxing,
    surroundings: surroundingsOf(trustBundle),
    packages: packageAccess(trustBundle),
    isInternalAddress: within(networks.subnet),
    owner: opening,
  });

  const { handleConnection: handleServiceConnection } = serving.ingress;
  const listenerDeps = { handleApi: api.handle, grpc: api.grpc, authority, handleServiceConnection, log };
  const volumesListener = volumesApi.use(createApiListener(listenerDeps));
  addresses.volumesApi = `http://${LOOPBACK}:${await volumesListener.listen(0, LOOPBACK)}`;
  const listener = createApiListener(listenerDeps);
  opening.use(listener);
  const ingress = await serving.ingress.listen({ host, port: ingressPort });
  const apiPort = await listener.listen(port, host);
  addresses.api = `http://${host}:${apiPort}`;
  addresses.ingress = `http://${host}:${ingress.port}`;
  await openGateway(networks.gateway, listener.listen, serving.metadata.listen, (ports) =>
    networks.setServices({ ...ports, dns: sandboxing.dnsPort }),
  );
  await api.start();
  const running = opening.move();
  return {
    apiPort,
    ingressPort: ingress.port,
    caFile: trustBundle,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** What instances and builds reach on the gateway address: the APIs by TLS and plain, and the metadata server. */
async function openGateway(
  gateway: string,
  listenApi: (port: number, address: string) => Promise<number>,
  listenMetadata: (options: { host: string; port: number }) => Promise<{ port: number }>,
  setServices: (ports: { https: number; http: number; metadata: number }) => Promise<void>,
): Promise<void> {
  const port = await listenApi(0, gateway);
  const metadata = await listenMetadata({ host: gateway, port: 0 });
  await setServices({ https: port, http: port, metadata: metadata.port });
}

function within(subnet: string): (address: string) => boolean {
  const [network, prefix] = subnet.split("/") as [string, string];
  const block = new BlockList();
  block.addSubnet(network, Number(prefix));
  return (address) => block.check(address);
}
