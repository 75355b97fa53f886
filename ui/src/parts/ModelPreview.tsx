import { Button, Skeleton, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { api, bodyOf, type Schemas } from "../api/client";
import { Trouble } from "./Trouble";
import { many, span } from "./words";

/** The first rows of a model as it is saved. */
export function ModelPreview({ model }: { model: string }) {
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["preview", model],
    staleTime: 60_000,
    queryFn: () => bodyOf(api.GET("/api/v1/models/{slug}/preview", { params: { path: { slug: model } } })),
  });
  if (error) return <Trouble error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={260} />;
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs">
        {many(data.rows.length, "row")} · {span(data.seconds)}{" "}
        <Button size="compact-xs" variant="subtle" loading={isFetching} onClick={() => void refetch()}>
          Read again
        </Button>
      </Text>
      <RowTable preview={data} />
    </>
  );
}

export function RowTable({ preview }: { preview: Schemas["PreviewShape"] }) {
  return (
    <div className="panel" style={{ overflow: "auto", maxHeight: 520 }} tabIndex={0} role="region" aria-label="Rows">
      <Table stickyHeader fz="xs" highlightOnHover striped>
        <Table.Thead>
          <Table.Tr>
            {preview.columns.map(({ name, type }) => (
              <Table.Th key={name}>
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
              {preview.columns.map(({ name }) => (
                <Table.Td key={name} className="figures clip" maw={280}>
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
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return <span title={text}>{text}</span>;
}
