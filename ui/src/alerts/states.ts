import type { Schemas } from "../api/client";

type State = Schemas["StateShape"];
type Glance = Schemas["GlanceShape"];
type Silence = Schemas["SilenceShape"];

/** How a trigger of a subject stands; of a subject that was always well, all its triggers. */
export type Line = {
  subject: string;
  trigger: Schemas["Trigger"] | null;
  level: Schemas["Level"];
  since: string | null;
  message: string;
  remedy: string;
  run: string | null;
};

const WATCHED = ["syncs", "destinations", "sources"];

/** Return how everything stands: the states, the worst first, and then whatever was always well. */
export function linesOf(states: State[], all: Glance[]): Line[] {
  const seen = new Set(states.map((each) => each.subject));
  const always = all
    .filter(({ kind }) => WATCHED.includes(kind))
    .map(({ kind, slug }) => `${kind}/${slug}`)
    .filter((subject) => !seen.has(subject))
    .sort();
  return [
    ...states,
    ...always.map((subject) => ({ subject, trigger: null, level: "ok" as const, since: null, message: "", remedy: "", run: null })),
  ];
}

/** Return whether a silence keeps back what is told of a line. */
export const covers = (silence: Silence, line: Line): boolean =>
  silence.subject === line.subject && (silence.trigger === null || silence.trigger === line.trigger);

/** Return a trigger's name as the title of what is said of it. */
export const titleOf = (trigger: string): string => trigger.charAt(0).toUpperCase() + wordsOf(trigger).slice(1);

/** Return a trigger's name as people read it. */
export const wordsOf = (trigger: string): string => trigger.replaceAll("_", " ");
