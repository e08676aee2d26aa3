import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomIds } from "../../platform/ids.ts";
import { createFileStorage } from "./file-storage.ts";
import { registryStorageSuite } from "./storage-suite.ts";

registryStorageSuite("files", async () => {
  const temp = mkdtempDisposableSync(join(tmpdir(), "registry-"));
  return {
    open: async () => createFileStorage({ folder: temp.path, ids: randomIds }),
    [Symbol.asyncDispose]: async () => temp.remove(),
  };
});
