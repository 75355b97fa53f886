import { Drawer, Table } from "@mantine/core";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../../api/client";
import { JsonValue } from "../../parts/Json";
import { Moment } from "../../parts/Moment";
import { numberOf, Paged, usePaged } from "../../parts/Paged";
import { RowOpener } from "../../parts/RowOpener";

type Entry = Schemas["EntryShape"];

export function Audit() {
  const [chosen, setChosen] = useState<Entry | null>(null);
  const paged = usePaged<Entry>(["audit"], (page) =>
    bodyOf(api.GET("/api/v1/audit", { params: { query: { limit: page.limit, cursor: numberOf(page) } } })),
  );
  return (
    <>
      <Paged paged={paged} columns={["When", "Who", "What", "On"]} empty="Nothing was done yet.">
        {(entry) => (
          <RowOpener key={entry.number} onOpen={() => setChosen(entry)}>
            <Table.Td>
              <Moment at={entry.at} exact />
            </Table.Td>
            <Table.Td>{entry.who}</Table.Td>
            <Table.Td className="mono">{entry.action}</Table.Td>
            <Table.Td className="mono">{entry.target}</Table.Td>
          </RowOpener>
        )}
      </Paged>
      <Drawer opened={chosen !== null} onClose={() => setChosen(null)} position="right" size="lg" title={chosen?.action}>
        <JsonValue value={chosen} />
      </Drawer>
    </>
  );
}
