import { mkdir } from "node:fs/promises";
import { systemClock } from "../../../platform/clock.ts";
import { silentLog } from "../../../platform/log.ts";
import { makeSharedFolder } from "../../mounts/host-mounts.ts";
import { fuseVolumes } from "../fuse-volumes.ts";

/** A server that mounts two secrets in a folder, says so, and waits to be killed. */
const [, , folder = ""] = process.argv;
await makeSharedFolder(folder);
const mounter = fuseVolumes({
  identity: { accessToken: async () => ({ token: "", expiresInSeconds: 60 }) },
  accessSecret: async () => ({ data: Buffer.from("x"), version: "1" }),
  storageUrl: () => "",
  clock: systemClock,
  log: silentLog,
});
for (const name of ["one", "two"]) {
  const own = `${folder}/${name}`;
  await mkdir(own);
  await mounter.mount(
    { kind: "secret", name, project: "demo", secret: "s", items: [], defaultMode: 0o444 },
    {
      id: name,
      project: { id: "demo", number: "123" },
      location: "us-central1",
      serviceAccountEmail: "robot@demo.iam.gserviceaccount.com",
      network: { address: "127.0.0.1", gateway: "127.0.0.1" },
      folder: own,
      signal: new AbortController().signal,
    },
  );
}
console.log("mounted");
setInterval(() => {}, 1000);
