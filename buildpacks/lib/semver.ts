/** A semantic version; `pre` is empty for a release. */
export interface Version {
  readonly numbers: readonly [number, number, number];
  readonly pre: readonly string[];
}

interface Comparator {
  readonly operator: "<" | "<=" | ">" | ">=" | "=";
  readonly version: Version;
}

const VERSION = /^[v=\s]*(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;
const PARTIAL = /^[v=\s]*(\d+|[xX*])?(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/** Parses "1.2.3", "v1.2.3-rc.1"; undefined for anything that is not a full version. */
export function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text.trim());
  if (!match) return undefined;
  return version(Number(match[1]), Number(match[2]), Number(match[3]), match[4]);
}

/** Negative when `a` comes before `b`, positive when after, 0 when equal (semver.org, section 11). */
export function compareVersions(a: Version, b: Version): number {
  for (const index of [0, 1, 2] as const) {
    if (a.numbers[index] !== b.numbers[index]) return a.numbers[index] - b.numbers[index];
  }
  if (a.pre.length === 0 || b.pre.length === 0) return b.pre.length - a.pre.length;
  for (let index = 0; index < Math.max(a.pre.length, b.pre.length); index++) {
    const order = compareIdentifiers(a.pre[index], b.pre[index]);
    if (order !== 0) return order;
  }
  return 0;
}

/** Whether a version lies in a range as npm writes them: ^1.2 || ~2.3.4, >=3 <4, 5.x, 1.2 - 2. Unreadable text matches nothing. */
export function satisfies(text: string, range: string): boolean {
  const candidate = parseVersion(text);
  if (!candidate) return false;
  return range.split("||").some((set) => {
    const comparators = parseSet(set.trim());
    return comparators !== undefined && matchesSet(candidate, comparators);
  });
}

/** The highest of `versions` in the range, or undefined when there is none. */
export function maxSatisfying(versions: readonly string[], range: string): string | undefined {
  const matching = versions.filter((text) => satisfies(text, range));
  return matching.sort((a, b) => compareVersions(parseVersion(a)!, parseVersion(b)!)).at(-1);
}

function version(major: number, minor: number, patch: number, pre = ""): Version {
  return { numbers: [major, minor, patch], pre: pre ? pre.split(".") : [] };
}

function compareIdentifiers(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  const [numberA, numberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (numberA && numberB) return Number(a) - Number(b);
  if (numberA !== numberB) return numberA ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function matchesSet(candidate: Version, comparators: readonly Comparator[]): boolean {
  // A pre-release only matches a range that names a pre-release of the same version, as npm has it.
  const sameVersion = ({ version: { numbers, pre } }: Comparator): boolean =>
    pre.length > 0 && numbers.every((number, index) => number === candidate.numbers[index]);
  if (candidate.pre.length > 0 && !comparators.some(sameVersion)) return false;
  return comparators.every(({ operator, version }) => {
    const order = compareVersions(candidate, version);
    if (operator === "=") return order === 0;
    if (order === 0) return operator.endsWith("=");
    return operator.startsWith("<") ? order < 0 : order > 0;
  });
}

function parseSet(set: string): Comparator[] | undefined {
  const hyphen = /^(\S+)\s+-\s+(\S+)$/.exec(set);
  if (hyphen) return join([simple(">=", hyphen[1]!), simple("<=", hyphen[2]!)]);
  const parts = set
    .replace(/([<>=~^]+)\s+/g, "$1")
    .split(/\s+|,\s*/)
    .filter(Boolean);
  return join(
    parts.map((part) => {
      const match = /^(<=|>=|<|>|=|~>?|\^)?(.*)$/.exec(part)!;
      return simple(match[1] ?? "", match[2]!);
    }),
  );
}

function join(lists: readonly (Comparator[] | undefined)[]): Comparator[] | undefined {
  return lists.every((list) => list !== undefined) ? lists.flat() : undefined;
}

function simple(operator: string, text: string): Comparator[] | undefined {
  const match = PARTIAL.exec(text);
  if (!match) return undefined;
  const [major, minor, patch] = [part(match[1]), part(match[2]), part(match[3])];
  const low = version(major ?? 0, minor ?? 0, patch ?? 0, match[4]);
  if (major === undefined) return [{ operator: ">=", version: version(0, 0, 0) }];
  const known = minor === undefined ? 1 : patch === undefined ? 2 : 3;
  const above = (depth: number): Version => {
    const raised = [major, minor ?? 0, patch ?? 0].map((number, index) =>
      index < depth ? number : index === depth ? number + 1 : 0,
    );
    return version(raised[0]!, raised[1]!, raised[2]!, "0");
  };
  const within = (depth: number): Comparator[] => [
    { operator: ">=", version: low },
    { operator: "<", version: above(depth) },
  ];
  switch (operator) {
    case "^":
      return within(caretDepth(major, minor, known));
    case "~":
    case "~>":
      return within(known === 1 ? 0 : 1);
    case ">":
      return known === 3 ? [{ operator, version: low }] : [{ operator: ">=", version: above(known - 1) }];
    case "<=":
      return known === 3 ? [{ operator, version: low }] : [{ operator: "<", version: above(known - 1) }];
    case ">=":
    case "<":
      return [{ operator, version: operator === "<" && known < 3 ? { ...low, pre: ["0"] } : low }];
    default:
      return known === 3 ? [{ operator: "=", version: low }] : within(known - 1);
  }
}

/** Which number a caret range must stay below: the first one that is not zero. */
function caretDepth(major: number, minor: number | undefined, known: number): number {
  if (major > 0 || known === 1) return 0;
  return (minor ?? 0) > 0 || known === 2 ? 1 : 2;
}

function part(text: string | undefined): number | undefined {
  return text === undefined || /^[xX*]$/.test(text) ? undefined : Number(text);
}
