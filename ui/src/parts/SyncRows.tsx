import { Button, Group, MultiSelect, Skeleton, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { api, bodyOf } from "../api/client";
import { queries } from "../api/queries";
import { Moment } from "./Moment";
import { RowState } from "./State";
import { Trouble } from "./Trouble";
import { many } from "./words";

const STATES = ["accepted", "adopted", "assumed", "skipped", "rejected", "parked", "uncertain", "leaving", "removed"];

/** Where the rows of a sync stand. */
export function SyncRows({ sync, mayRetry }: { sync: string; mayRetry: boolean }) {
  const [text, setText] = useState("");
  const [search] = useDebouncedValue(text, 250);
  const [states, setStates] = useState<string[]>([]);
  const found = useInfiniteQuery({
    queryKey: ["rows", sync, search, states],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => {
      const query = { search, state: states, limit: 100, cursor: pageParam };
      return bodyOf(api.GET("/api/v1/syncs/{slug}/rows", { params: { path: { slug: sync }, query } }));
    },
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const retrying = useMutation({
    mutationFn: (keys: string[] | null) =>
      bodyOf(api.POST("/api/v1/syncs/{slug}/retry", { params: { path: { slug: sync } }, body: { keys } })),
    onSuccess: ({ keys }) => {
      notifications.show({ message: `The next run sends ${many(keys.length, "row")} again.` });
      void queries.invalidateQueries({ queryKey: ["rows", sync] });
    },
  });
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  const isRefused = (state: string) => state === "rejected" || state === "parked";
  return (
    <>
      <Group mb="sm" justify="space-between">
        <Group>
          <TextInput
            w={280}
            aria-label="Search the rows"
            placeholder="Key, record or reason …"
            leftSection={<IconSearch size={15} />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <MultiSelect w={260} aria-label="State" placeholder={states.length ? "" : "Every state"} data={STATES} value={states} onChange={setStates} />
        </Group>
        {mayRetry && rows.some((row) => isRefused(row.state)) && (
          <Button variant="default" loading={retrying.isPending} onClick={() => retrying.mutate(null)}>
            Retry all refused
          </Button>
        )}
      </Group>
      <Trouble error={found.error ?? retrying.error} />
      {found.isPending && <Skeleton height={240} />}
      {found.data && (
        <div className="panel scroll-x">
          <Table miw={720}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Row</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th>Record</Table.Th>
                <Table.Th>Why</Table.Th>
                <Table.Th>Next try</Table.Th>
                <Table.Th />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={row.key}>
                  <Table.Td className="mono">{row.key}</Table.Td>
                  <Table.Td>
                    <RowState state={row.state} />
                  </Table.Td>
                  <Table.Td className="mono clip" maw={130} title={row.remote_id ?? undefined}>
                    {row.remote_id ?? "–"}
                  </Table.Td>
                  <Table.Td maw={380}>
                    {row.rejection && (
                      <>
                        <Text size="sm">{row.rejection.message}</Text>
                        <Text size="xs" c="dimmed">
                          {row.rejection.remedy}
                        </Text>
                      </>
                    )}
                  </Table.Td>
                  <Table.Td>{row.next_try && <Moment at={row.next_try} />}</Table.Td>
                  <Table.Td ta="right">
                    {mayRetry && isRefused(row.state) && (
                      <Button size="compact-xs" variant="subtle" onClick={() => retrying.mutate([row.key])}>
                        Retry
                      </Button>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
              {rows.length === 0 && (
                <Table.Tr>
                  <Table.Td colSpan={6} c="dimmed">
                    No such row.
                  </Table.Td>
                </Table.Tr>
              )}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {found.hasNextPage && (
        <Button variant="default" mt="md" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          More rows
        </Button>
      )}
    </>
  );
}
