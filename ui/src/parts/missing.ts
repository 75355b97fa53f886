const SAID = /dynamically imported module|Importing a module script failed|Unable to preload CSS/;

/** Return whether a part of the app could not be fetched: each browser, and the build's own loader, says so in words. */
export const partIsMissing = (error: unknown): boolean => error instanceof Error && SAID.test(error.message);
