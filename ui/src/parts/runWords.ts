import type { Schemas } from "../api/client";
import { count, many } from "./words";

type Run = Schemas["RunShape"];
type PlanStanding = Schemas["PlanStandingShape"];

const RUNS: Record<string, [color: string, text: string]> = {
  running: ["ink", "Running"],
  done: ["teal", "Done"],
  failed: ["red", "Failed"],
  paused: ["yellow", "Paused"],
  parked: ["orange", "Waits for approval"],
  cancelled: ["gray", "Cancelled"],
  interrupted: ["yellow", "Interrupted"],
};

const BECAME: Record<Schemas["PlanState"], [color: string, text: string]> = {
  open: RUNS.parked!,
  executed: ["gray", "Approved"],
  discarded: ["gray", "Discarded"],
  expired: ["gray", "Not approved in time"],
  superseded: ["gray", "Superseded"],
};

/** Return how a run stands; one that left rows behind is not as well as one that did not. */
export function stateOf({ state, counts, parked }: Pick<Run, "state" | "counts" | "parked">): [color: string, text: string] {
  if (state === "parked" && parked) return BECAME[parked.state];
  const left = ["rejected", "uncertain", "parked"].reduce((sum, each) => sum + (counts[`rows_${each}`] ?? 0), 0);
  return state === "done" && left > 0 ? ["yellow", "Done in part"] : (RUNS[state] ?? ["gray", state]);
}

/** Whether the plan of a run waits for somebody who approves it. */
export const isWaiting = ({ state, parked }: Pick<Run, "state" | "parked">): boolean =>
  state === "parked" && (parked === null || parked.state === "open");

/** Return why a run began, and by whom. */
export function beganBy({ reason, asked_by: who, plan_made_by: maker }: Pick<Run, "reason" | "asked_by" | "plan_made_by">): string {
  const plan = maker ? `, plan made by ${maker}` : "";
  if (reason === "approval") return `approved by ${who ?? "somebody"}${plan}`;
  return (who ? `${reason}, ${who}` : (reason ?? "")) + plan;
}

/** Return what to do about the rest of a plan that a run was given and did not finish, "" where there is no rest. */
export function restOf({ id, plan, state, error }: Pick<Run, "id" | "plan" | "state" | "error">): string {
  const given = plan !== null && plan !== id; // a plan of its own has its id, and the next run makes another one
  const ended = ["paused", "cancelled", "interrupted"].includes(state);
  return given && ended ? (error?.remedy ?? "") : "";
}

/** Return what became of a plan, without when and in which run; "" while it can be executed. */
export function becameOf({ state, by, why }: PlanStanding, executed = "Executed"): string {
  const who = by ? ` by ${by}` : "";
  if (state === "executed") return `${executed}${who}`;
  if (state === "discarded") return `Discarded${who}${why ? `: ${unended(why)}` : ""}`;
  if (state === "expired") return "Its time is over: it can no longer be executed";
  return state === "superseded" ? `It can no longer be executed: ${lowered(why ?? "the sync has run since")}` : "";
}

const unended = (text: string): string => text.replace(/\.$/, "");

const lowered = (text: string): string => text.charAt(0).toLowerCase() + unended(text.slice(1));

/** Return what a run of some rows only was about, "" of a run of all rows. */
export function partOf({ counts }: Pick<Run, "counts">): string {
  const left = counts.rows_left ?? 0;
  if (left === 0) return "";
  const all = ["added", "changed", "remapped", "removed"].reduce((sum, kind) => sum + (counts[`changes_${kind}`] ?? 0), 0);
  return `${many(Math.max(all - left, 0), "chosen row")} of ${count(Math.max(all, left))} changes`;
}
