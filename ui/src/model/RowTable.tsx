import { Table, Text } from "@mantine/core";

import type { Schemas } from "../api/client";
import { write } from "../api/exact";

/** The first rows of a model, by column. */
export function RowTable({ preview }: { preview: Schemas["PreviewShape"] }) {
  return (
    <div className="panel" style={{ overflow: "auto", maxHeight: "min(520px, 50vh)" }} tabIndex={0} role="region" aria-label="Rows">
      <Table stickyHeader fz="xs" highlightOnHover striped>
        <Table.Thead>
          <Table.Tr>
            {preview.columns.map(({ name, type, numeric }) => (
              <Table.Th key={name} ta={numeric ? "right" : undefined}>
                {name}
                <Text size="xs" c="dimmed" fw={400} className="mono">
                  {type}
                </Text>
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {preview.rows.map((row, index) => (
            <Table.Tr key={index}>
              {preview.columns.map(({ name, numeric }) => (
                <Table.Td key={name} ta={numeric ? "right" : undefined} className="figures clip" maw={280}>
                  <Cell value={row[name]} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Cell({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <Text span size="xs" c="dimmed" fs="italic">null</Text>;
  const text = typeof value === "string" ? value : write(value);
  return <span title={text}>{text}</span>;
}
