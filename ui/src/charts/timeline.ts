import type { Options } from "uplot";
import type uPlot from "uplot";

import type { Run } from "../api/queries";
import type { Colours } from "./Plot";

const MOST = 12;
const BAR = 14;
export const LANE = 26;
const HOURS = 24;
const FONT = "12px Inter Variable, sans-serif";
/** So many pixels stand between two hours that are written, whatever the clock of the reader says. */
const APART = 16;
const TIMES = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

/** One line for each sync, the one that ran last on top. */
export type Lanes = { names: string[]; runs: Run[]; from: number; to: number };

/** How a run is drawn; what is worse is drawn later, over what is better. */
const WORSE = ["good", "busy", "soft", "bad"] as const;

/** Return how well a run went: one that left rows behind is not as well as one that did not. */
export function wellOf({ state, counts }: Pick<Run, "state" | "counts">): (typeof WORSE)[number] {
  if (state === "failed") return "bad";
  if (state === "running") return "busy";
  const left = ["rejected", "uncertain", "parked"].some((each) => (counts[`rows_${each}`] ?? 0) > 0);
  return state === "done" && !left ? "good" : "soft";
}

/**
 * Return what is shown of runs, the newest first: those of the last day, of the syncs that failed or ran last.
 *
 * Runs come in the order in which they are drawn: at this scale a minute is less than a pixel, and no good run may
 * hide a bad one.
 */
export function lanesOf(runs: Run[], now: number): Lanes {
  const from = now - HOURS * 3600;
  const shown = [...new Map(runs.map((run) => [run.id, run])).values()].filter((run) => endOf(run, now) >= from);
  const failed = new Set(shown.filter((run) => wellOf(run) === "bad").map((run) => run.sync));
  const all = [...new Set(shown.map((run) => run.sync))];
  const names = [...all.filter((name) => failed.has(name)), ...all.filter((name) => !failed.has(name))].slice(0, MOST);
  const drawn = shown.filter((run) => names.includes(run.sync));
  drawn.sort((one, other) => WORSE.indexOf(wellOf(one)) - WORSE.indexOf(wellOf(other)));
  return { names, runs: drawn, from, to: now };
}

const secondsOf = (iso: string): number => Date.parse(iso) / 1000;

const endOf = (run: Run, now: number): number => (run.finished_at ? secondsOf(run.finished_at) : now);

/** Return how many runs of the last day failed. */
export const failuresOf = (runs: Run[], now: number): number =>
  new Set(runs.filter((run) => wellOf(run) === "bad" && endOf(run, now) >= now - HOURS * 3600).map((run) => run.id)).size;

/** Return how many pixels the hours take, at most one beside the other, so that none touches the next. */
export function roomOfHour({ ctx }: Pick<uPlot, "ctx">): number {
  ctx.save();
  ctx.font = FONT;
  const widest = Math.max(...[0, 12, 22].map((hour) => ctx.measureText(TIMES.format(new Date(2000, 0, 1, hour, 0))).width));
  ctx.restore();
  return Math.ceil(widest) + APART;
}

/** Draw each run as a bar as long as it took, in its sync's line. */
export const timelineOptions =
  ({ names, runs, from, to }: Lanes) =>
  (colours: Colours): Omit<Options, "width" | "height"> => {
    const axis = { stroke: colours.text, ticks: { show: false }, font: FONT };
    const draw = (plot: uPlot) => {
      const { ctx } = plot;
      for (const run of runs) {
        const left = plot.valToPos(Math.max(from, secondsOf(run.started_at)), "x", true);
        const right = plot.valToPos(endOf(run, to), "x", true);
        const middle = plot.valToPos(names.indexOf(run.sync), "y", true);
        const well = wellOf(run);
        const high = (well === "bad" ? BAR + 6 : BAR) * devicePixelRatio;
        const least = (well === "bad" ? 5 : 3) * devicePixelRatio;
        ctx.fillStyle = colours[well];
        ctx.fillRect(left, middle - high / 2, Math.max(right - left, least), high);
      }
    };
    return {
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { range: [from, to] }, y: { range: [-0.5, names.length - 0.5], dir: -1 } },
      axes: [
        { ...axis, size: 30, space: roomOfHour, grid: { stroke: colours.line, width: 1 }, values: (_, marks) => marks.map((mark) => TIMES.format(mark * 1000)) },
        {
          ...axis,
          size: 150,
          grid: { show: false },
          splits: names.map((_, place) => place),
          values: () => names.map((name) => (name.length > 20 ? `${name.slice(0, 19)}…` : name)),
        },
      ],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: { draw: [draw] },
    };
  };
