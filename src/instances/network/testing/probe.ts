import { runCommand } from "../../host/run-command.ts";

/** How long an answer may take on a busy machine. */
const PATIENCE_MS = 5000;

const SCRIPT = `
const [timeout, ...targets] = process.argv.slice(1);
const tcp = (host, port) => new Promise((resolve) => {
  const socket = require("node:net").connect({ host, port });
  socket.setTimeout(Number(timeout), () => { resolve("unreachable"); socket.destroy(); });
  socket.once("data", (data) => { resolve(data.toString()); socket.destroy(); });
  socket.once("error", (error) => resolve(error.code === "ECONNREFUSED" ? "refused" : "unreachable"));
});
const udp = (host, port) => new Promise((resolve) => {
  const socket = require("node:dgram").createSocket("udp4");
  const finish = (result) => { resolve(result); clearTimeout(timer); socket.close(); };
  const timer = setTimeout(() => finish("unreachable"), Number(timeout));
  socket.once("message", (data) => finish(data.toString()));
  socket.once("error", () => finish("unreachable"));
  socket.connect(port, host, () => socket.send("hello"));
});
const ask = (target) => {
  const [, protocol, host, port] = /^(\\w+):\\/\\/(.+):(\\d+)$/.exec(target);
  return (protocol === "udp" ? udp : tcp)(host.replace(/[\\[\\]]/g, ""), Number(port));
};
Promise.all(targets.map(ask)).then((results) => console.log(JSON.stringify(results)));
`;

/**
 * Connects from a network namespace (its path) to targets such as "tcp://10.0.0.1:80". Resolves with what each of them
 * said first, or "refused" or "unreachable". Where packets are dropped without a word, less patience saves time.
 */
export async function probe(
  namespacePath: string,
  targets: readonly string[],
  patienceMs = PATIENCE_MS,
): Promise<string[]> {
  const command = [`--net=${namespacePath}`, process.execPath, "-e", SCRIPT, `${patienceMs}`, ...targets];
  return JSON.parse(await runCommand("nsenter", command)) as string[];
}
