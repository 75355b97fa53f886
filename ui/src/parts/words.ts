/** Texts for people, in their own language and zone. */

const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const clocks = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const zoned = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const counts = new Intl.NumberFormat();
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const DAY_AND_TIME: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

export const count = (number: number): string => counts.format(number);

/** Return the time of day of a moment, in the reader's zone. */
export const clock = (iso: string): string => clocks.format(new Date(iso));

export const moment = (iso: string): string => moments.format(new Date(iso));

/** Return the moment with its day and the name of its zone. */
export const wholeMoment = (iso: string): string => zoned.format(new Date(iso));

/** Return the day and time of a moment in a zone, such as "Mon 30 Nov 07:00". */
export function zonedMoment(iso: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat(undefined, { ...DAY_AND_TIME, timeZone }).formatToParts(new Date(iso));
  const said = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return `${said.weekday} ${said.day} ${said.month} ${said.hour}:${said.minute}`;
}

/** Return how far away a moment is, such as "3 minutes ago". */
export function fromNow(iso: string, now: number = Date.now()): string {
  const seconds = Math.round((new Date(iso).getTime() - now) / 1000);
  const [unit, size] = STEPS.find(([, each]) => Math.abs(seconds) >= each) ?? ["second", 1];
  return relative.format(Math.round(seconds / size), unit);
}

/** Return a span such as "4 min 12 s"; under ten seconds with tenths. */
export function span(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Return an amount as the API has it, exact, with the separators of the reader; "" is no currency. */
export function money(amount: unknown, currency: string): string {
  const text = String(amount);
  if (!/^-?\d+(\.\d+)?$/.test(text)) return `${text} ${currency}`.trim();
  const digits = Math.max(2, text.split(".")[1]?.length ?? 0);
  const format = new Intl.NumberFormat(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  // As a string: a number would lose cents of large sums.
  return `${format.format(text as unknown as number)} ${currency}`.trim();
}

/** Return "1 row" or "3 rows". */
export const many = (number: number, one: string, more = `${one}s`): string =>
  `${count(number)} ${number === 1 ? one : more}`;

/** Return a slug for a name that a person wrote. */
export const slugOf = (name: string): string =>
  name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");

/** Return what people call something: the title that its file gives it, else its slug. */
export const calledBy = (slug: string, said: { title?: unknown } | null | undefined): string =>
  typeof said?.title === "string" && said.title.trim() !== "" ? said.title : slug;
