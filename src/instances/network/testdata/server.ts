import { systemClock } from "../../../platform/clock.ts";
import { silentLog } from "../../../platform/log.ts";
import { createNetworks } from "../networks.ts";

// Stands for a server that is killed: opens a network, leases a namespace, says which, and waits.
const [dataDir = "", ip = "", nft = ""] = process.argv.slice(2);
const networks = await createNetworks({ dataDir, ip, nft, clock: systemClock, log: silentLog, warmNamespaces: 2 });
const lease = await networks.acquire({ egress: "none" });
console.log(JSON.stringify({ subnet: networks.subnet, path: lease.namespacePath }));
setInterval(() => {}, 1000);
