import type { PlacedProblem } from "../api/client";

/** The steps of adding a sync. */
export const STEPS = ["Model", "Destination", "Mapping", "Name and schedule"];
export const [MODEL, DESTINATION, MAPPING, NAME] = [0, 1, 2, 3] as const;

const ASKED: Record<string, number> = {
  model: MODEL,
  destination: DESTINATION,
  ...Object.fromEntries(["object", "mode", "match", "fields", "look_up", "on_change", "on_removal"].map((key) => [key, MAPPING])),
};

/** Return the step at which a problem can be put right. */
export const stepOf = ({ field }: Pick<PlacedProblem, "field">): number => ASKED[field?.split(".")[0] ?? ""] ?? NAME;

/** Return the first step at which something is to be put right; null where nothing is. */
export const firstStepOf = (problems: Pick<PlacedProblem, "field">[]): number | null =>
  problems.length > 0 ? Math.min(...problems.map(stepOf)) : null;
