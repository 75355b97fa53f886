import { Anchor, Drawer, Group, Select, Table, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { read } from "../api/exact";
import type { Run } from "../api/queries";
import { Named, RowAmount, useTaxed, WithoutTax } from "./Brief";
import { NoneFound } from "./NoneFound";
import { numberOf, Paged, usePaged } from "./Paged";
import { Reasons } from "./Reasons";
import { RowOpener } from "./RowOpener";
import { RowStory } from "./RowStory";
import { isWaiting } from "./runWords";
import { SearchBox } from "./SearchBox";
import { RowState } from "./State";

type Row = Schemas["RunRowShape"];

const STATUSES = ["accepted", "adopted", "unchanged", "rejected", "uncertain", "skipped", "pending"];

type Column = string | [text: string, width?: number, only?: "wide"];

type Shown = { named: boolean; counted: boolean; told: boolean };

/** The columns for rows of which some have names, amounts, or reasons; a row that has a name needs its key less. */
const columnsOf = ({ named, counted, told }: Shown): Column[] => [
  ["Row", undefined, named ? "wide" : undefined],
  ["What", undefined, told ? "wide" : undefined],
  "Outcome",
  ["Record", undefined, named ? undefined : "wide"],
  ...(counted ? [["Amount", undefined, "wide"] as Column] : []),
  ["Why", undefined, told ? undefined : "wide"],
];

/** What stands in place of the rows of a run that a guard stopped. */
function NothingSent({ run }: { run: Run }) {
  return (
    <Text size="sm" c="dimmed">
      Nothing was sent: a guard stopped this run before. {isWaiting(run) ? "Its rows are sent once somebody approves the plan." : ""} What it would have done with
      each row is on{" "}
      <Anchor component={Link} to={`/syncs/${run.sync}/plans/${run.id}` as string} inherit underline="always">
        its plan
      </Anchor>
      .
    </Text>
  );
}

/** What became of the rows of a run. */
export function RunRows({ run }: { run: Run }) {
  const [text, setText] = useState("");
  const [search] = useDebouncedValue(text, 250);
  const [status, setStatus] = useState<string | null>(null);
  const [reason, setReason] = useState<string | null>(null);
  const [chosen, setChosen] = useState<Row | null>(null);
  const running = run.state === "running";
  const { data: reasons = [] } = useQuery({
    queryKey: ["runs", run.id, "reasons", running],
    refetchInterval: running ? 3_000 : false,
    queryFn: async () => (await bodyOf(api.GET("/api/v1/runs/{id}/reasons", { params: { path: { id: run.id } } }))).items,
  });
  const paged = usePaged<Row>(
    ["runs", run.id, "rows", search, status, reason, running],
    async (page) => {
      const query = { search, limit: page.limit, cursor: numberOf(page), ...(reason ? { reason } : status ? { status } : {}) };
      const params = { path: { id: run.id }, query };
      return read(await bodyOf(api.GET("/api/v1/runs/{id}/rows", { params, parseAs: "text" })));
    },
    running ? 3_000 : false,
  );
  const named = paged.items.some(({ brief }) => brief?.called || brief?.party);
  const counted = paged.items.some(({ brief }) => brief?.amount != null || brief?.former != null);
  const told = paged.items.some(({ rejection, warnings }) => rejection || warnings.length > 0);
  const taxed = useTaxed(run.sync);
  const showAll = () => {
    setStatus(null);
    setReason(null);
  };
  if (run.state === "parked") return <NothingSent run={run} />;
  const none = <NoneFound text="No such row." filter={reason ? "one reason" : status} onClear={showAll} />;
  return (
    <>
      <Reasons sync={run.sync} reasons={reasons} chosen={reason} onChoose={setReason} />
      <Group mb="sm">
        <SearchBox label="Search the rows" placeholder="Key, record, contact or reason …" value={text} onChange={setText} />
        <Select w={170} aria-label="Outcome" placeholder="Every outcome" clearable disabled={reason !== null} data={STATUSES} value={reason === null ? status : null} onChange={setStatus} />
      </Group>
      {counted && taxed && <WithoutTax />}
      <Paged paged={paged} columns={columnsOf({ named, counted, told })} empty={none}>
        {(row) => (
          <RowOpener key={row.seq} onOpen={() => setChosen(row)}>
            <Table.Td className={named ? "mono wide" : "mono"}>{row.key}</Table.Td>
            <Table.Td className={told ? "wide" : undefined}>{row.kind}</Table.Td>
            <Table.Td>
              <RowState state={row.status} />
            </Table.Td>
            <Table.Td className={named ? undefined : "mono clip wide"} maw={named ? 220 : 140} title={row.remote_id ?? undefined}>
              {named ? <Named brief={row.brief} /> : (row.remote_id ?? "–")}
            </Table.Td>
            {counted && (
              <Table.Td className="figures wide">
                <RowAmount brief={row.brief} status={row.status} />
              </Table.Td>
            )}
            <Table.Td className={told ? "clip" : "clip wide"} maw={{ base: 150, sm: 360 }}>
              {row.rejection?.message ?? row.warnings.join(" ")}
            </Table.Td>
          </RowOpener>
        )}
      </Paged>
      <Drawer opened={chosen !== null} onClose={() => setChosen(null)} position="right" size="xl" title={`Row ${chosen?.key ?? ""}`}>
        {chosen && <RowStory run={run} row={chosen} />}
      </Drawer>
    </>
  );
}
