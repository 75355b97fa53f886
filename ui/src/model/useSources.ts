import { useQuery } from "@tanstack/react-query";

import { project } from "../api/queries";

/** The sources that a model can read, and those of them that are Lookers. */
export function useSources(): { sources: string[]; lookers: string[] } {
  const { data: all = [] } = useQuery(project);
  const given = all.filter((each) => each.kind === "sources");
  const lookers = given.filter(({ about }) => about.type === "looker");
  return { sources: given.map((each) => each.slug), lookers: lookers.map((each) => each.slug) };
}
