import type { SpotlightActionData, SpotlightActionGroupData, SpotlightFilterFunction } from "@mantine/spotlight";

/** Return, by group, what a person may mean by a few words: each stands somewhere in it, and a hyphen is a blank. */
export const found: SpotlightFilterFunction = (query, actions) => {
  const words = plain(query).split(" ").filter(Boolean);
  const fits = ({ label, description, keywords = [] }: SpotlightActionData) => {
    const text = plain([label, description, keywords].flat().join(" "));
    return words.every((word) => text.includes(word));
  };
  return actions
    .filter((each): each is SpotlightActionGroupData => "actions" in each)
    .map((group) => ({ ...group, actions: group.actions.filter(fits) }))
    .filter((group) => group.actions.length > 0);
};

const plain = (text: string): string => text.toLowerCase().replace(/[-_/]+/g, " ").trim();
