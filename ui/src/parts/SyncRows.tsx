import { Anchor, Button, Drawer, Group, MultiSelect, Stack, Table, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { read } from "../api/exact";
import { queries } from "../api/queries";
import { Named, RowAmount, useTaxed, WithoutTax } from "./Brief";
import { Moment } from "./Moment";
import { NoneFound } from "./NoneFound";
import { Paged, usePaged } from "./Paged";
import { remedyOf } from "./remedies";
import { RowOpener } from "./RowOpener";
import { SyncRowStory } from "./RowStory";
import { sorted, triedOf } from "./rowWords";
import { SearchBox } from "./SearchBox";
import { Settling } from "./Settling";
import { RowState } from "./State";
import { Trouble } from "./Trouble";
import { many } from "./words";

const STATES = ["accepted", "adopted", "assumed", "skipped", "rejected", "parked", "uncertain", "leaving", "removed"];

type Row = Schemas["SyncRowShape"];
type Column = string | [text: string, width?: number, only?: "wide"];

/** The columns for rows of which some have names, or amounts; where all have names, keys are needed less. */
const columnsOf = (named: boolean, counted: boolean, keyClass: "wide" | undefined): Column[] => [
  ["Row", undefined, keyClass],
  "State",
  ["Record", undefined, named ? undefined : "wide"],
  ...(counted ? [["Amount", undefined, "wide"] as Column] : []),
  "Why",
  ["Next try", undefined, "wide"],
  "",
];

/** Where the rows of a sync stand. */
export function SyncRows({ sync, mayRetry, only }: { sync: string; mayRetry: boolean; only?: string }) {
  const [text, setText] = useState("");
  const [search] = useDebouncedValue(text, 250);
  const [states, setStates] = useState<string[]>(only ? [only] : []);
  const [chosen, setChosen] = useState<Row | null>(null);
  const asked = usePaged<Row>(["rows", sync, search, states], async ({ cursor, limit }) => {
    const params = { path: { slug: sync }, query: { search, state: states, limit, cursor } };
    return read(await bodyOf(api.GET("/api/v1/syncs/{slug}/rows", { params, parseAs: "text" })));
  });
  // Pages come in the order of the API; what is there as a whole can be put as a person looks for it.
  const paged = asked.found.hasNextPage === false ? { ...asked, items: sorted(asked.items) } : asked;
  const isNamed = ({ brief }: Row) => Boolean(brief?.called || brief?.party);
  const named = paged.items.some(isNamed);
  const keyClass = paged.items.length > 0 && paged.items.every(isNamed) ? "wide" : undefined;
  const counted = paged.items.some(({ brief }) => brief?.amount != null || brief?.former != null);
  const taxed = useTaxed(sync);
  const retrying = useMutation({
    mutationFn: (keys: string[] | null) =>
      bodyOf(api.POST("/api/v1/syncs/{slug}/retry", { params: { path: { slug: sync } }, body: { keys } })),
    onSuccess: ({ keys }) => {
      notifications.show({ message: `The next run sends ${many(keys.length, "row")} again.` });
      void queries.invalidateQueries({ queryKey: ["rows", sync] });
    },
  });
  // What a plan rejects was never sent: every plan looks at it again by itself.
  const isRefused = (row: { state: string; attempts: number }) =>
    row.attempts > 0 && (row.state === "rejected" || row.state === "parked");
  const filter = states.length > 0 ? states.join(", ") : null;
  const none = <NoneFound text="No such row." filter={filter} onClear={() => setStates([])} />;
  return (
    <>
      <Settling sync={sync} />
      <Group mb="sm" justify="space-between">
        <Group>
          <SearchBox label="Search the rows" placeholder="Key, record, contact or reason …" value={text} onChange={setText} />
          <MultiSelect w={260} aria-label="State" placeholder={states.length ? "" : "Every state"} data={STATES} value={states} onChange={setStates} />
        </Group>
        {mayRetry && paged.items.some(isRefused) && (
          <Button variant="default" loading={retrying.isPending} onClick={() => retrying.mutate(null)}>
            Retry all refused
          </Button>
        )}
      </Group>
      <Trouble error={retrying.error} />
      {counted && taxed && <WithoutTax />}
      <Paged paged={paged} columns={columnsOf(named, counted, keyClass)} empty={none}>
        {(row) => (
          <RowOpener key={row.key} onOpen={() => setChosen(row)}>
            <Table.Td className={keyClass ? "mono wide" : "mono"}>{row.key}</Table.Td>
            <Table.Td>
              <RowState state={row.state} />
            </Table.Td>
            <Table.Td className={named ? "clip" : "mono clip wide"} maw={named ? 220 : 130} title={row.remote_id ?? undefined}>
              {isNamed(row) ? <Named brief={row.brief} /> : (row.remote_id ?? "–")}
            </Table.Td>
            {counted && (
              <Table.Td className="figures wide">
                <RowAmount brief={row.brief} status={row.state} />
              </Table.Td>
            )}
            <Table.Td maw={380}>
              {row.rejection && (
                <>
                  <Text size="sm">{row.rejection.message}</Text>
                  <Text size="xs" c="dimmed">
                    {remedyOf(row.rejection.code, row.rejection.remedy)}
                  </Text>
                </>
              )}
            </Table.Td>
            <Table.Td className="wide" maw={180}>
              {row.next_try ? <Moment at={row.next_try} /> : triedOf(row)}
            </Table.Td>
            <Table.Td ta="right" onClick={(event) => event.stopPropagation()}>
              {mayRetry && isRefused(row) && (
                <Button size="compact-xs" variant="subtle" onClick={() => retrying.mutate([row.key])}>
                  Retry
                </Button>
              )}
            </Table.Td>
          </RowOpener>
        )}
      </Paged>
      <Drawer opened={chosen !== null} onClose={() => setChosen(null)} position="right" size="xl" title={`Row ${chosen?.key ?? ""}`}>
        {chosen && (
          <Stack>
            <Group>
              <RowState state={chosen.state} />
              <Anchor component={Link} to={`/runs/${chosen.run}` as string} size="sm">
                Its run
              </Anchor>
              {(chosen.next_try || triedOf(chosen)) && (
                <Text size="sm" c="dimmed">
                  Tried again {chosen.next_try ? <Moment at={chosen.next_try} /> : triedOf(chosen)}
                </Text>
              )}
              {mayRetry && isRefused(chosen) && (
                <Button size="compact-sm" variant="default" loading={retrying.isPending} onClick={() => retrying.mutate([chosen.key])}>
                  Retry
                </Button>
              )}
            </Group>
            <SyncRowStory sync={sync} row={chosen} />
          </Stack>
        )}
      </Drawer>
    </>
  );
}
