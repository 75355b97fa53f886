import { Table, Text } from "@mantine/core";

import { digitsOf } from "../api/exact";
import { money } from "./words";

type Line = Record<string, unknown>;

const COLUMNS: [name: string, title: string][] = [
  ["Description", "Line"],
  ["ItemCode", "Item"],
  ["AccountCode", "Account"],
  ["TaxType", "Tax"],
  ["Quantity", "Quantity"],
  ["UnitAmount", "Unit price"],
  ["DiscountRate", "Discount %"],
  ["LineAmount", "Amount"],
];

/** The lines of a document, as a bookkeeper reads them; what they do not say has no column. */
export function Lines({ lines }: { lines: Line[] }) {
  const columns = COLUMNS.filter(([name]) => lines.some((line) => line[name] !== undefined && line[name] !== null));
  return (
    <div className="panel scroll-x">
      <Table>
        <Table.Thead>
          <Table.Tr>
            {columns.map(([name, title]) => (
              <Table.Th key={name} ta={isFigure(lines, name) ? "right" : undefined}>
                {title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map((line, place) => (
            <Table.Tr key={place}>
              {columns.map(([name]) => (
                <Table.Td key={name} ta={isFigure(lines, name) ? "right" : undefined} className="figures">
                  {cell(name, line[name])}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
          {lines.length === 0 && (
            <Table.Tr>
              <Table.Td c="dimmed">
                <Text size="sm">No line.</Text>
              </Table.Td>
            </Table.Tr>
          )}
        </Table.Tbody>
      </Table>
    </div>
  );
}

const isFigure = (lines: Line[], name: string) => lines.some((line) => digitsOf(line[name]) !== null);

function cell(name: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  return name.endsWith("Amount") ? money(value, "") : String(value);
}

/** Return the lines of a payload; null where it has none. */
export function linesOf(payload: Record<string, unknown> | null): Line[] | null {
  const found = payload?.LineItems;
  return Array.isArray(found) ? (found as Line[]) : null;
}
