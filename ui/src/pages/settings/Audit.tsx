import { Anchor, Badge, Button, Drawer, Group, Select, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../../api/client";
import { JsonValue } from "../../parts/Json";
import { Moment } from "../../parts/Moment";
import { numberOf, Paged, usePaged } from "../../parts/Paged";
import { RowOpener } from "../../parts/RowOpener";
import { endOf, KINDS, moreOf, planOf, whatOf } from "./auditWords";

type Entry = Schemas["EntryShape"];

/** Who did what, the newest first. */
export function Audit() {
  const [chosen, setChosen] = useState<Entry | null>(null);
  const [who, setWho] = useState("");
  const [action, setAction] = useState("");
  const [target, setTarget] = useState("");
  const asked = { who, action, target };
  const paged = usePaged<Entry>(["audit", asked], (page) =>
    bodyOf(api.GET("/api/v1/audit", { params: { query: { ...asked, limit: page.limit, cursor: numberOf(page) } } })),
  );
  return (
    <>
      <Group mb="md" align="flex-end">
        <Whose value={who} onChange={setWho} />
        <Select label="What" w={230} allowDeselect={false} data={KINDS} value={action} onChange={(value) => setAction(value ?? "")} />
        {target && (
          <Button variant="default" onClick={() => setTarget("")}>
            Not only {target}
          </Button>
        )}
      </Group>
      <Paged stacked paged={paged} columns={["When", "Who", "What", ["", 170]]} empty="Nothing of the kind was done yet.">
        {(entry) => (
          <RowOpener key={entry.number} onOpen={() => setChosen(entry)}>
            <Table.Td>
              <Moment at={entry.at} exact />
            </Table.Td>
            <Table.Td>{entry.who}</Table.Td>
            <Table.Td className="under">
              {whatOf(entry)} <b>{entry.about}</b> {moreOf(entry)}
            </Table.Td>
            <Table.Td>{endOf(entry) && <End entry={entry} />}</Table.Td>
          </RowOpener>
        )}
      </Paged>
      <Drawer opened={chosen !== null} onClose={() => setChosen(null)} position="right" size="lg" title={chosen ? whatOf(chosen) : ""}>
        {chosen && (
          <Details
            entry={chosen}
            onOnly={() => {
              setTarget(chosen.target);
              setChosen(null);
            }}
          />
        )}
      </Drawer>
    </>
  );
}

function Whose({ value, onChange }: { value: string; onChange: (who: string) => void }) {
  const people = useQuery({ queryKey: ["people"], queryFn: async () => (await bodyOf(api.GET("/api/v1/people"))).items });
  const data = [{ value: "", label: "Everybody" }, ...(people.data ?? []).map(({ email }) => ({ value: email, label: email }))];
  return <Select label="Who" w={230} searchable allowDeselect={false} data={data} value={value} onChange={(who) => onChange(who ?? "")} />;
}

function End({ entry }: { entry: Entry }) {
  const end = endOf(entry);
  return end && <Badge color={end.color}>{end.text}</Badge>;
}

function Details({ entry, onOnly }: { entry: Entry; onOnly: () => void }) {
  const [kind = "", slug = ""] = entry.target.split("/");
  const plan = planOf(entry);
  const place = ["sources", "models", "destinations", "syncs"].includes(kind) ? `/${kind}/${slug}` : null;
  return (
    <Stack>
      <Text>
        <b>{entry.who}</b>, <Moment at={entry.at} exact />
      </Text>
      <Group>
        <b>{entry.about}</b> {moreOf(entry)}
        <End entry={entry} />
      </Group>
      <Group gap="lg">
        {place && <Anchor renderRoot={(props) => <Link {...props} to={place as never} />}>Open {entry.about}</Anchor>}
        {plan && (
          <Anchor renderRoot={(props) => <Link {...props} to="/syncs/$slug/plans/$plan" params={{ slug, plan }} />}>Open the plan</Anchor>
        )}
        <Anchor component="button" onClick={onOnly}>
          All about {entry.about}
        </Anchor>
      </Group>
      {entry.outcome !== "done" && <Said title="How it ended" value={entry.outcome} />}
      <Said title="Before" value={entry.before} />
      <Said title="After" value={entry.after} />
      <Said title="From" value={{ via: entry.via, address: entry.address, action: entry.action, target: entry.target }} />
    </Stack>
  );
}

function Said({ title, value }: { title: string; value: unknown }) {
  if (value === null || value === undefined) return null;
  return (
    <section>
      <Text size="sm" c="dimmed" mb={4}>
        {title}
      </Text>
      <JsonValue value={value} />
    </section>
  );
}
