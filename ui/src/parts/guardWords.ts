/** What the form of a sync calls its guards, by their names in the file. */
export const GUARDS = {
  max_changes: "Most changes",
  max_removals: "Most removals",
  max_amount: "Largest total amount",
};

/** Return a sentence about guards with the words of the form in place of those of the file. */
export const guardsInForm = (sentence: string): string =>
  Object.entries(GUARDS).reduce((said, [name, label]) => said.replaceAll(name, `“${label}”`), sentence);
