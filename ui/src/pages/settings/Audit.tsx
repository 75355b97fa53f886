import { Button, Drawer, Table } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../../api/client";
import { JsonValue } from "../../parts/Json";
import { Moment } from "../../parts/Moment";
import { Trouble } from "../../parts/Trouble";

type Entry = Schemas["EntryShape"];

export function Audit() {
  const [chosen, setChosen] = useState<Entry | null>(null);
  const found = useInfiniteQuery({
    queryKey: ["audit"],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) => bodyOf(api.GET("/api/v1/audit", { params: { query: { limit: 100, cursor: pageParam } } })),
    getNextPageParam: (page) => (page.next === null ? undefined : Number(page.next)),
  });
  const entries = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <Trouble error={found.error} onRetry={() => void found.refetch()} />
      <div className="panel scroll-x">
        <Table highlightOnHover miw={640}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>When</Table.Th>
              <Table.Th>Who</Table.Th>
              <Table.Th>What</Table.Th>
              <Table.Th>On</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {entries.map((entry) => (
              <Table.Tr key={entry.number} className="row-link" onClick={() => setChosen(entry)}>
                <Table.Td>
                  <Moment at={entry.at} exact />
                </Table.Td>
                <Table.Td>{entry.who}</Table.Td>
                <Table.Td className="mono">{entry.action}</Table.Td>
                <Table.Td className="mono">{entry.target}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {found.hasNextPage && (
        <Button variant="default" mt="md" onClick={() => void found.fetchNextPage()}>
          Earlier
        </Button>
      )}
      <Drawer opened={chosen !== null} onClose={() => setChosen(null)} position="right" size="lg" title={chosen?.action}>
        <JsonValue value={chosen} />
      </Drawer>
    </>
  );
}
