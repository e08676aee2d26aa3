const DAY_MINUTES = 24 * 60;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const LONG_MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const LONG_DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const ORDINALS = ["first", "second", "third", "fourth", "fifth"];
const SHORT_ORDINALS = ["1st", "2nd", "3rd", "4th", "5th"];
const TIME = String.raw`([01]?\d|2[0-3]):([0-5]\d)`;
const INTERVAL = new RegExp(`^every (\\d{1,5}) ?(minutes?|mins?|hours?)(?: (synchronized)| from ${TIME} to ${TIME})?$`);
const DAYS_AND_TIME = new RegExp(`^(\\S+)(?: (?!of )(\\S+))?(?: of (\\S+))? ${TIME}$`);

/** Patterns of cron at whose times it runs, or the time from the end of an execution to the next. */
export type EnglishSchedule = { readonly patterns: readonly string[] } | { readonly everyMs: number };

/**
 * Reads App Engine's cron syntax, in lower case: "every 5 minutes", "every 30 mins from 10:00 to 14:00", "every 2 hours
 * synchronized", "every day 09:00", "every monday 09:00", "2nd,third mon,wed of march 17:00", "1,15 of month 09:00".
 * Undefined when it is none. Google: cloud.google.com/appengine/docs/standard/scheduling-jobs-with-cron-yaml.
 */
export function parseEnglish(text: string): EnglishSchedule | undefined {
  const interval = INTERVAL.exec(text);
  if (interval) return readInterval(interval);
  const match = DAYS_AND_TIME.exec(text);
  return match ? readDays(match) : undefined;
}

function readInterval([, count, unit, synchronized, ...range]: readonly string[]): EnglishSchedule | undefined {
  const minutes = Number(count) * (unit!.startsWith("hour") ? 60 : 1);
  if (minutes === 0) return undefined;
  if (range[0] !== undefined) {
    const [fromHour, fromMinute, toHour, toMinute] = range.map(Number) as [number, number, number, number];
    const from = fromHour * 60 + fromMinute;
    const length = (toHour * 60 + toMinute - from + DAY_MINUTES) % DAY_MINUTES;
    return { patterns: patternsOf(timesOfDay(from, length, minutes)) };
  }
  if (synchronized === undefined) return { everyMs: minutes * 60_000 };
  if (DAY_MINUTES % minutes !== 0) return undefined;
  return { patterns: patternsOf(timesOfDay(0, DAY_MINUTES - 1, minutes)) };
}

/** Minutes of the day from `from` on, for `length` minutes and maybe past midnight. */
function timesOfDay(from: number, length: number, step: number): number[] {
  const count = Math.floor(length / step) + 1;
  return Array.from({ length: count }, (_, index) => (from + index * step) % DAY_MINUTES);
}

/** One pattern for each minute past the hour. */
function patternsOf(times: readonly number[]): string[] {
  const hours = Map.groupBy(times, (time) => time % 60);
  return [...hours].map(([minute, of]) => `${minute} ${of.map((time) => Math.floor(time / 60)).join()} * * *`);
}

function readDays([, which, days, months, hour, minute]: readonly string[]): EnglishSchedule | undefined {
  const month = months === undefined || months === "month" ? "*" : listOf(months, [MONTHS, LONG_MONTHS], 1);
  const day = dayFields(which!, days, months !== undefined);
  if (month === undefined || day === undefined) return undefined;
  return { patterns: [`${Number(minute)} ${Number(hour)} ${day.ofMonth} ${month} ${day.ofWeek}`] };
}

/** The two fields of days: every or some of certain weekdays, or certain days of months. */
function dayFields(which: string, days: string | undefined, hasMonths: boolean) {
  if (days === undefined) return hasMonths && isDaysOfMonth(which) ? { ofMonth: which, ofWeek: "*" } : undefined;
  if (days === "day") return which === "every" ? { ofMonth: "*", ofWeek: "*" } : undefined;
  const ofWeek = listOf(days, [DAYS, LONG_DAYS], 0);
  if (ofWeek === undefined || which === "every") return ofWeek === undefined ? undefined : { ofMonth: "*", ofWeek };
  const ordinals = listOf(which, [ORDINALS, SHORT_ORDINALS], 1)?.split(",");
  if (!ordinals) return undefined;
  const each = ofWeek.split(",").flatMap((day) => ordinals.map((ordinal) => `${day}#${ordinal}`));
  return { ofMonth: "*", ofWeek: each.join() };
}

function isDaysOfMonth(text: string): boolean {
  return text.split(",").every((day) => /^\d{1,2}$/.test(day) && Number(day) >= 1 && Number(day) <= 31);
}

/** Numbers for the names of a list; undefined when one is unknown. */
function listOf(text: string, vocabularies: readonly (readonly string[])[], first: number): string | undefined {
  const numbers = text.split(",").map((word) => Math.max(...vocabularies.map((words) => words.indexOf(word))));
  return numbers.includes(-1) ? undefined : numbers.map((number) => number + first).join();
}
