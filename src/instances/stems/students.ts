import type { ImageCache } from "../../oci/oci.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { StartRequest } from "../containers/start-instance.ts";
import type { SandboxSpec } from "../sandbox.ts";
import type { Knowledge, Known } from "./knowledge.ts";
import { study, type StudyDeps } from "./study.ts";

export interface StudentsDeps extends Omit<StudyDeps, "closures"> {
  readonly images: Pick<ImageCache, "ensure">;
  readonly knowledge: Knowledge;
  readonly hasRoom: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Told about what stems are good for from now on. */
  readonly onFound: (known: Known) => void;
}

/** Studies of what was started cold, one at a time and in the background. */
export interface Students {
  /** To be called with what was started for a request of which nothing is known. */
  afterStart(request: StartRequest): (spec: SandboxSpec) => void;
  /** Resolves when none runs any more. */
  ended(): Promise<void>;
}

/** What was started has its turn at the processor first. */
const STUDY_AFTER_MS = 3_000;

export function students(deps: StudentsDeps): Students {
  const { knowledge, clock, closing, log } = deps;
  let all: Promise<void> = Promise.resolve();

  async function studyStarted(key: string, request: StartRequest, spec: SandboxSpec): Promise<void> {
    await clock.sleep(STUDY_AFTER_MS, closing);
    if (!deps.hasRoom()) return knowledge.forget(key);
    const [{ image: reference, secretEnv }] = request.spec.containers;
    const image = await deps.images.ensure(reference, closing);
    const changingNames = [...Object.keys(secretEnv), ...Object.keys(request.spec.contractEnv)];
    const findings = await study({ ...deps, closures: knowledge.closures }, { spec, image, changingNames });
    if (!findings.usable) log.debug("an image gets no stems", { image: reference, why: findings.why });
    const known = await knowledge.add(key, findings);
    if (known !== undefined) deps.onFound(known);
    await knowledge.prune();
  }

  return {
    afterStart(request) {
      const key = knowledge.keyOf(request);
      return (spec) => {
        knowledge.assumeNoStem(key);
        all = all
          .then(() => studyStarted(key, request, spec))
          .catch((error: unknown) => {
            if (!closing.aborted) log.warning("an image could not be studied", { error });
          });
      };
    },
    ended: () => all,
  };
}
