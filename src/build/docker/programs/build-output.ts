/** Turns what podman prints of a build into what docker prints; the last line, when podman failed, is its error. */
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
/** What podman says before or instead of its error. */
const ERROR = /^Error: /;
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
      if (ERROR.test(text) || NOISE.test(text)) {
        held.push(text);
        return [];
      }
      const lines = [...held, ...translate(text)];
      held = [];
      return lines;
    },
    end() {
      const error = held.findLast((text) => ERROR.test(text));
      return { lines: error === undefined ? [...held, ...tagged] : [], error };
    },
    get instruction() {
      return instruction;
    },
  };
}
