import { expect, test } from "vitest";

import { partIsMissing } from "../src/parts/missing";

test.each([
  "Failed to fetch dynamically imported module: https://bookward.example/assets/RunPage-1a2b.js",
  "error loading dynamically imported module: https://bookward.example/assets/RunPage-1a2b.js",
  "Importing a module script failed.",
  "Unable to preload CSS for /assets/Plot-3c4d.css",
])("a part that is not there any more is known by what is said of it: %s", (message) => {
  expect(partIsMissing(new TypeError(message))).toBe(true);
});

test.each([new Error("There is no sync 'users'."), "Failed", null])("anything else is not: %s", (error) => {
  expect(partIsMissing(error)).toBe(false);
});
