import { expect, test } from "vitest";

import type { ObjectType } from "../src/sync/draft";
import { suggested } from "../src/sync/suggested";

const OBJECT = {
  name: "invoices",
  fields: [
    { name: "InvoiceNumber", kind: "text", fields: [] },
    { name: "Phones", kind: "list", fields: [{ name: "PhoneType", fields: [] }, { name: "PhoneNumber", fields: [] }] },
    { name: "LineItems", kind: "list", fields: [{ name: "UnitAmount", fields: [] }] },
  ],
  look_ups: [{ field: "Contact", required: true }],
} as unknown as ObjectType;

const FOUND = {
  match: { field: "InvoiceNumber", column: "number" },
  fields: [
    { field: "InvoiceNumber", column: "number" },
    { field: "Phones.PhoneNumber", column: "phone" },
    { field: "Contact.Name", column: "customer" },
  ],
  missing: [{ field: "Phones.PhoneType", choices: ["MOBILE", "FAX"] }, { field: "LineItems.Type", choices: ["x"] }],
  lines: [{ field: "LineItems.UnitAmount", column: "price" }],
} as never;

test("what was found becomes mappings, look-ups and lines", () => {
  expect(suggested({ model: "orders" }, FOUND, OBJECT)).toEqual({
    model: "orders",
    match: { InvoiceNumber: "number" },
    look_up: { Contact: { by: "Name", column: "customer" } },
    fields: {
      InvoiceNumber: "number",
      Phones: [{ PhoneNumber: "phone", PhoneType: { value: "MOBILE" } }],
      LineItems: { each: "lines", fields: { UnitAmount: "price" } },
    },
  });
});

test("what somebody has mapped already stays", () => {
  const mine = { match: { InvoiceID: "id" }, look_up: { Contact: { by: "ContactNumber", column: "id" } }, fields: { InvoiceNumber: "other" } };
  const found = suggested(mine, FOUND, OBJECT);
  expect(found.match).toEqual(mine.match);
  expect(found.look_up).toEqual(mine.look_up);
  expect((found.fields as Record<string, unknown>).InvoiceNumber).toBe("other");
});
