/** Turns what podman prints of a build into what docker prints; the last lines, when podman failed, are its error. */
export interface BuildOutput {
  /** The lines to print for one that was read. */
  line(text: string): readonly string[];
  /** The lines to print at the end, and podman's error if it was the last thing it said. */
  end(): { readonly lines: readonly string[]; readonly error: string | undefined };
  /** The instruction that ran last, without its number. */
  readonly instruction: string;
}

const STEP = /^(\[\d+\/\d+\] )?STEP (\d+\/\d+): (.*)$/;
const IMAGE_ID = /^[0-9a-f]{64}$/;
const ERROR = /^Error: /;
/** Lines of one error; more of them are what a program printed. */
const MAX_ERROR_LINES = 5;
/** What podman says before its error. */
const NOISE = /^(subprocess exited with status \d+|time="[^"]*" level=error msg="\+\(UNHANDLED LOGLEVEL\).*)$/;

/** A build whose output has not begun. */
export function createBuildOutput(): BuildOutput {
  /** Printed only if something else follows. */
  let held: string[] = [];
  let tagged: string[] = [];
  let isCommitted = false;
  let instruction = "";

  function translate(text: string): string[] {
    const step = STEP.exec(text);
    if (step) {
      isCommitted = false;
      instruction = step[3]!;
      return [`${step[1] ?? ""}Step ${step[2]} : ${instruction}`];
    }
    if (/^(\[\d+\/\d+\] )?COMMIT( \S+)?$/.test(text)) {
      isCommitted = true;
      return [];
    }
    if (/^--> Using cache [0-9a-f]+$/.test(text)) return [" ---> Using cache"];
    if (/^--> [0-9a-f]{12}$/.test(text)) return [` ${text.replace("-->", "--->")}`];
    if (isCommitted && text.startsWith("Successfully tagged ")) {
      tagged.push(text.replace("tagged localhost/", "tagged "));
      return [];
    }
    if (!isCommitted || !IMAGE_ID.test(text)) return [text];
    const names = tagged;
    tagged = [];
    return [`Successfully built ${text.slice(0, 12)}`, ...names];
  }

  return {
    line(text) {
      const continues = held.length < MAX_ERROR_LINES && held.some((each) => ERROR.test(each)) && !STEP.test(text);
      if (ERROR.test(text) || NOISE.test(text) || continues) {
        held.push(text);
        return [];
      }
      const lines = [...held, ...translate(text)];
      held = [];
      return lines;
    },
    end() {
      const at = held.findLastIndex((text) => ERROR.test(text));
      if (at < 0) return { lines: [...held, ...tagged], error: undefined };
      // A program may have printed something like it just before.
      return { lines: held.slice(0, at).filter((text) => !NOISE.test(text)), error: held.slice(at).join("\n") };
    },
    get instruction() {
      return instruction;
    },
  };
}
