import { Badge, Checkbox, Drawer, Group, Select, Table, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { read } from "../api/exact";
import { me } from "../api/queries";
import { isAtLeast } from "../session/roles";
import { Amount, Named, WithoutTax } from "./Brief";
import { changesOf, inWords } from "./changes";
import { linesOf } from "./Lines";
import { OperationDetail } from "./OperationDetail";
import { COLOURS, SENDING } from "./operationWords";
import { NoneFound } from "./NoneFound";
import { numberOf, Paged, usePaged } from "./Paged";
import { Reasons } from "./Reasons";
import { RowOpener } from "./RowOpener";
import { RunOnly } from "./RunOnly";
import { SearchBox } from "./SearchBox";

type Operation = Schemas["OperationShape"];
type Column = [text: string, width: number, only?: "wide"];

const PICK: Column[] = [["Run", 56, "wide"]];
const RECORD: Column[] = [["Record", 200]];
const AMOUNT: Column[] = [["Amount", 150]];

type Props = { sync: string; plan: string; kinds: string[]; mayRun: boolean };

/** The operations of a plan, with what they change; whoever may run it can run some of them alone. */
export function Operations({ sync, plan, kinds, mayRun }: Props) {
  const { data: person } = useSuspenseQuery(me);
  const [text, setText] = useState("");
  const [search] = useDebouncedValue(text, 250);
  const [kind, setKind] = useState<string | null>(null);
  const [reason, setReason] = useState<string | null>(null);
  const [chosen, setChosen] = useState<Operation | null>(null);
  const [picked, setPicked] = useState<string[]>([]);
  const { data: reasons = [] } = useQuery({
    queryKey: ["plans", sync, plan, "reasons"],
    queryFn: async () => {
      const params = { path: { slug: sync, plan } };
      return (await bodyOf(api.GET("/api/v1/syncs/{slug}/plans/{plan}/reasons", { params }))).items;
    },
  });
  const paged = usePaged<Operation>(["plans", sync, plan, "operations", search, kind, reason], async (page) => {
    const only = reason ? { reason } : kind ? { kind: [kind as Operation["kind"]] } : {};
    const query = { search, limit: page.limit, cursor: numberOf(page), ...only };
    const params = { path: { slug: sync, plan }, query };
    return read(await bodyOf(api.GET("/api/v1/syncs/{slug}/plans/{plan}/operations", { params, parseAs: "text" })));
  });
  const named = paged.items.some(({ brief }) => brief?.called || brief?.party);
  const counted = paged.items.some(({ brief }) => brief?.amount != null || brief?.former != null);
  const showAll = () => {
    setKind(null);
    setReason(null);
  };
  const none = <NoneFound text="No such operation." filter={reason ? "one reason" : kind} onClear={showAll} />;
  return (
    <>
      <Reasons sync={sync} reasons={reasons} chosen={reason} onChoose={setReason} />
      <Group mb="sm">
        <SearchBox label="Search the operations" placeholder="Key, record, contact or reason …" value={text} onChange={setText} />
        <Select w={170} aria-label="Kind" placeholder="Every kind" clearable disabled={reason !== null} data={kinds} value={reason === null ? kind : null} onChange={setKind} />
      </Group>
      {!isAtLeast(person.role, "editor") && (
        <Text size="sm" c="dimmed" mb="sm">
          Your role does not show what rows say.
        </Text>
      )}
      {picked.length > 0 && <RunOnly sync={sync} keys={picked} onClear={() => setPicked([])} />}
      {counted && paged.items.some(({ payload }) => linesOf(payload)) && <WithoutTax />}
      <Paged
        paged={paged}
        columns={[["Row", 130, named ? "wide" : undefined], ["What", 96], ...(named ? RECORD : []), ...(counted ? AMOUNT : []), ["Changes", undefined, counted ? "wide" : undefined], ...(mayRun ? PICK : [])]}
        empty={none}
        layout="fixed"
      >
        {(operation) => (
          <RowOpener key={operation.seq} onOpen={() => setChosen(operation)}>
            <Table.Td className={named ? "mono clip wide" : "mono clip"}>{operation.key}</Table.Td>
            <Table.Td>
              <Badge color={COLOURS[operation.kind] ?? "gray"}>{operation.kind}</Badge>
            </Table.Td>
            {named && (
              <Table.Td>
                <Named brief={operation.brief} />
              </Table.Td>
            )}
            {counted && (
              <Table.Td className="figures">
                <Amount brief={operation.brief} />
              </Table.Td>
            )}
            <Table.Td className={counted ? "clip wide" : "clip"}>
              <InShort operation={operation} />
            </Table.Td>
            {mayRun && (
              <Table.Td className="wide" onClick={(event) => event.stopPropagation()}>
                {SENDING.includes(operation.kind) && (
                  <Checkbox
                    aria-label={`Run row ${operation.key}`}
                    checked={picked.includes(operation.key)}
                    onChange={() => setPicked((now) => toggled(now, operation.key))}
                  />
                )}
              </Table.Td>
            )}
          </RowOpener>
        )}
      </Paged>
      <Drawer opened={chosen !== null} onClose={() => setChosen(null)} position="right" size="xl" title={`Row ${chosen?.key ?? ""}`}>
        {chosen && <OperationDetail operation={chosen} />}
      </Drawer>
    </>
  );
}

const toggled = (all: string[], one: string): string[] => (all.includes(one) ? all.filter((each) => each !== one) : [...all, one]);

function InShort({ operation }: { operation: Operation }) {
  if (operation.rejection) return <>{operation.rejection.message}</>;
  return (
    <>
      {changesOf(operation).map(([name, before, after]) => (
        <Text span size="sm" key={name} mr="md">
          <Text span inherit c="dimmed">
            {name}
          </Text>{" "}
          {before !== undefined && <span className="before">{inWords(name, before, undefined)}</span>} {inWords(name, after, operation.brief?.party)}
        </Text>
      ))}
    </>
  );
}
