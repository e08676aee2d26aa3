import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createManualClock } from "../../src/platform/manual-clock.ts";
import { countingIds, startProcess } from "./mortal-process.ts";
import {
  createFunction,
  createSampleTables,
  observeSample,
  sampleReconciler,
  type SampleWorld,
} from "./sample-service.ts";
import { Trap } from "./trap.ts";

/**
 * A program for sigkill.test.ts: does the sample's work in a folder, stops for ever at one boundary and says so, or
 * works to the end and says what came out. Arguments: folder, index of the boundary (-1: none), number of the process.
 */
const [folder = "", boundary = "-1", number = "1"] = process.argv.slice(2);
const clock = createManualClock();
const trap = new Trap(Number(boundary), { kind: "death" });
const world = worldInFolder(folder);
const self = await startProcess({ path: join(folder, "db"), clock, world, trap, errors: [] }, Number(number));
await createSampleTables(self.store);
trap.armed = true;
self.wakeups.start({ function: sampleReconciler(self) }, []);
await Promise.race([self.died, work()]);
const stopped = boundary !== "-1";
process.stdout.write(stopped ? "stopped\n" : `${JSON.stringify([trap.passed.length, await observeSample(self)])}\n`);
// Stays until it is killed.
process.stdin.resume();

async function work(): Promise<void> {
  await createFunction({ ...self, ids: countingIds(9) });
  for (let look = 0; look < 3; look++) {
    await self.wakeups.idle();
    clock.advance(1_000);
  }
}

/** A world that is there again in the next process. */
function worldInFolder(folder: string): SampleWorld {
  const images = new Set(readdirSync(folder).filter((name) => name.startsWith("image-")));
  const servicesFile = join(folder, "services.json");
  writeFileSync(servicesFile, "", { flag: "a" });
  const services = new Map<string, string>(
    JSON.parse(readFileSync(servicesFile, "utf8") || "[]") as [string, string][],
  );
  return {
    images: Object.assign(images, {
      add(id: string) {
        writeFileSync(join(folder, `image-${id}`), "");
        return Set.prototype.add.call(images, `image-${id}`) as Set<string>;
      },
    }),
    services: Object.assign(services, {
      set(name: string, image: string) {
        Map.prototype.set.call(services, name, image);
        writeFileSync(servicesFile, JSON.stringify([...services]));
        return services;
      },
    }),
  };
}
