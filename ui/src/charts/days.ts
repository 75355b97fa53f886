import type { AlignedData, Options } from "uplot";
import uPlot from "uplot";

import type { Schemas } from "../api/client";
import { count } from "../parts/words";
import type { Colours } from "./Plot";

export type Day = Schemas["DayShape"];

/** Bars stand over the midnight that begins their day, where the marks of the axis are. */
const HALF = 12 * 3600;
const DATES = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });

/** Return the days, all rows of each, and of those the ones that were synced, which are drawn over them. */
export const dayData = (days: Day[]): AlignedData => [
  days.map(({ day }) => Date.parse(`${day}T00:00:00Z`) / 1000),
  days.map((each) => each.rows_accepted + each.rows_rejected),
  days.map((each) => each.rows_accepted),
];

/** One bar a day: rows that were synced, and on top of them those that were rejected. */
export function dayOptions({ text, line, good, bad }: Colours): Omit<Options, "width" | "height"> {
  const bars = uPlot.paths.bars!({ size: [0.7, 28], radius: 0.15 });
  const axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "12px Inter Variable, sans-serif" };
  return {
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
    cursor: { points: { show: false }, drag: { x: false, y: false }, y: false },
    scales: { x: { range: (_, least, most) => [least - HALF, most + HALF] }, y: { range: (_, __, most) => [0, Math.max(most * 1.1, 5)] } },
    axes: [
      { ...axis, size: 30, grid: { show: false }, values: (_, marks) => marks.map((mark) => DATES.format(new Date(mark * 1000))) },
      { ...axis, size: 56, values: (_, marks) => marks.map((mark) => (Number.isInteger(mark) ? count(mark) : "")) },
    ],
    series: [
      { value: (_, seconds) => (seconds == null ? "–" : DATES.format(new Date(seconds * 1000))), label: "Day" },
      { label: "Rejected", stroke: bad, fill: bad, paths: bars, points: { show: false }, value: (plot, all, __, at) => (all == null || at == null ? "–" : count(all - (plot.data[2]![at] ?? 0))) },
      { label: "Synced", stroke: good, fill: good, paths: bars, points: { show: false }, value: (_, rows) => (rows == null ? "–" : count(rows)) },
    ],
  };
}
