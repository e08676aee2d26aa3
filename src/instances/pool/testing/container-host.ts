import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../platform/clock.ts";
import { silentLog } from "../../../platform/log.ts";
import { testTools } from "../../host/testing/test-tools.ts";
import { createNetworks } from "../../network/networks.ts";
import { createSandboxes } from "../../sandboxes/sandboxes.ts";
import { makeHostLayer } from "../../sandboxes/testing/host-layer.ts";
import { type FloorOverrides, startFloor, type TestFloor } from "./floor.ts";

/** Real sandboxes and networks of a data folder of their own. Disposing stops and removes everything. */
export interface ContainerHost extends AsyncDisposable {
  readonly dataDir: string;
  /**
   * A serving floor over them, whose image is of the host's programs and runs a script for Node.js unless a container
   * says otherwise.
   */
  startFloor(script: string, overrides?: FloorOverrides): Promise<TestFloor>;
}

export async function openContainerHost(): Promise<ContainerHost> {
  await using undo = new AsyncDisposableStack();
  const dataDir = mkdtempSync(join(tmpdir(), "homerun-serving-"));
  undo.defer(() => rmSync(dataDir, { recursive: true }));
  const layer = undo.use(makeHostLayer());
  const { runtimes, ip, nft } = await testTools();
  const [runtime] = runtimes;
  assert.ok(runtime);
  const deps = { dataDir, clock: systemClock, log: silentLog };
  const networks = undo.use(await createNetworks({ ...deps, ip, nft, warmNamespaces: 1 }));
  const sandboxes = undo.use(createSandboxes({ ...deps, runtime: runtime.path, runtimeKind: runtime.kind }));
  const owned = undo.move();
  return {
    dataDir,
    async startFloor(script, overrides) {
      const image = { digest: "sha256:0", layers: [layer.folder], config: nodeImage(script) };
      const floor = await startFloor({
        sandboxes,
        networks,
        images: { ensure: async () => image },
        mountsFolder: join(dataDir, "mounts"),
        ...overrides,
      });
      const { port } = await floor.floor.metadata.listen({ host: networks.gateway, port: 0 });
      await networks.setServices({ metadata: port });
      return floor;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function nodeImage(script: string) {
  const entrypoint = ["/bin/node", "-e", script];
  return { env: {}, entrypoint, cmd: [], workingDir: "", user: "1000:1000", labels: {}, diffIds: [] };
}
