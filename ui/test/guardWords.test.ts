import { expect, test } from "vitest";

import { guardsInForm } from "../src/parts/guardWords";

test("a guard is called as in the form of the sync", () => {
  expect(guardsInForm("It moves 50.01 NZD, and max_amount is 50.00.")).toBe("It moves 50.01 NZD, and “Largest total amount” is 50.00.");
  expect(guardsInForm("It removes 2 records of 8 rows synced so far, and max_removals is 20%.")).toContain("“Most removals” is 20%");
});
