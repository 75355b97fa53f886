import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { Schemas } from "../api/client";
import { isSame } from "../api/exact";
import { file } from "../api/queries";
import { money } from "./words";

type Brief = Schemas["BriefShape"];

/** What a record is known by: its number or name, and whose it is. */
export function Named({ brief }: { brief: Brief | null }) {
  return (
    <>
      <Text size="sm" fw={500} className="clip">
        {brief?.called}
      </Text>
      <Text size="xs" c="dimmed" className="clip">
        {brief?.party}
      </Text>
    </>
  );
}

/** The money of a record: what it was where that differs, and what it will be. */
export function Amount({ brief }: { brief: Brief | null }) {
  if (!brief) return null;
  const { former, amount, currency } = brief;
  const moved = former !== null && !(amount !== null && isSame(former, amount));
  return (
    <>
      {moved && <div className="before">{money(former, currency)}</div>}
      {amount !== null && <div>{money(amount, currency)}</div>}
    </>
  );
}

const IN_THE_BOOKS = new Set(["accepted", "adopted", "unchanged", "kept", "assumed"]);

/** The money of a row of a run; pale is what it says without being in the books. */
export function RowAmount({ brief, status }: { brief: Brief | null; status: string }) {
  if (!brief || IN_THE_BOOKS.has(status)) return <Amount brief={brief} />;
  const said = brief.amount ?? brief.former;
  return said !== null && <Text c="dimmed" inherit>{money(said, brief.currency)}</Text>;
}

/** Whether a sync's records are taxed, so that what the customer owes is more. */
export function useTaxed(sync: string): boolean {
  const { data: written } = useQuery({ ...file("syncs", sync), retry: false });
  return written !== undefined && written.values?.object !== "payments";
}

/** Said wherever sums of documents are looked at: what the customer owes is more. */
export function WithoutTax() {
  return (
    <Text size="xs" c="dimmed">
      Amounts are without the tax that Xero adds. Tax that lines include is in them.
    </Text>
  );
}

/** The same, each with what it is; documents are taxed, payments are not. */
export function BriefFacts({ brief, taxed }: { brief: Brief | null; taxed: boolean }) {
  if (!brief) return null;
  const { called, party, currency, former, amount } = brief;
  const facts = [
    ["Record", called],
    ["Contact", party],
    ["Amount before", former === null ? "" : money(former, currency)],
    ["Amount after", amount === null ? "" : money(amount, currency)],
  ].filter(([, value]) => value);
  return (
    <Stack gap={4}>
      <Group gap="xl">
        {facts.map(([name, value]) => (
          <div key={name}>
            <Text size="xs" c="dimmed">
              {name}
            </Text>
            <Text size="sm" fw={500} className="figures">
              {value}
            </Text>
          </div>
        ))}
      </Group>
      {taxed && (amount !== null || former !== null) && <WithoutTax />}
    </Stack>
  );
}
