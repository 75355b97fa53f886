import { Button, Group, Modal, Skeleton, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { read } from "../api/exact";
import { me, queries, standings } from "../api/queries";
import { isAtLeast } from "../session/roles";
import { Trouble } from "./Trouble";
import { many, money } from "./words";

type Uncertain = Schemas["UncertainShape"];
type Candidate = Schemas["CandidateRecord"];
type Said = { row: Uncertain; record: Candidate | null };

/** Rows of which only a person can say whether they are booked, each with the records that may be its own. */
export function Settling({ sync }: { sync: string }) {
  const { data: person } = useSuspenseQuery(me);
  const { data: all = [] } = useQuery(standings);
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState<Said | null>(null);
  const number = all.find((each) => each.sync === sync)?.waiting.uncertain ?? 0;
  const found = useQuery({
    queryKey: ["uncertain", sync],
    enabled: open,
    gcTime: 0,
    queryFn: async () => {
      const text = await bodyOf(api.GET("/api/v1/syncs/{slug}/uncertain", { params: { path: { slug: sync } }, parseAs: "text" }));
      return read<Schemas["UncertainList"]>(text).uncertain;
    },
  });
  if (number === 0 || !isAtLeast(person.role, "editor")) return null;
  const maySay = isAtLeast(person.role, "approver");
  return (
    <section className="panel section" aria-labelledby="uncertain" style={{ marginBottom: 16 }}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={2} id="uncertain">
            {many(number, "row")} to be settled
          </Title>
          <Text size="sm">
            They were sent once, and nobody knows whether they were booked. They are not sent again before somebody says what
            is true{maySay ? "." : ": an approver does."}
          </Text>
        </div>
        {!open && <Button onClick={() => setOpen(true)}>Show what Xero has now</Button>}
      </Group>
      <Trouble error={found.error} onRetry={() => void found.refetch()} />
      {open && found.isPending && <Skeleton height={90} mt="md" />}
      {found.data?.map((row) => (
        <Stack key={row.key} gap={6} mt="md">
          <Text size="sm" fw={500} className="mono">
            {row.key}
          </Text>
          <Text size="sm">{row.rejection.message}</Text>
          {row.candidates.map((record) => (
            <Group key={record.id} gap="md">
              <Text size="sm">
                {record.called}
                {record.day && `, of ${record.day}`}
                {record.total !== null && `, over ${money(record.total, record.currency ?? "")}`}
                {!record.live && " (no longer live)"}
              </Text>
              {maySay && (
                <Button size="compact-sm" variant="default" onClick={() => setSaid({ row, record })}>
                  This is its record
                </Button>
              )}
            </Group>
          ))}
          {row.candidates.length === 0 && (
            <Text size="sm" c="dimmed">
              Xero has no record any more that may be its own.
            </Text>
          )}
          {maySay && (
            <Button size="compact-sm" variant="default" w="fit-content" onClick={() => setSaid({ row, record: null })}>
              It is not booked
            </Button>
          )}
        </Stack>
      ))}
      <Modal opened={said !== null} onClose={() => setSaid(null)} title={`Settle row ${said?.row.key ?? ""}`} centered>
        {said && <Asking sync={sync} said={said} onDone={() => setSaid(null)} />}
      </Modal>
    </section>
  );
}

function Asking({ sync, said: { row, record }, onDone }: { sync: string; said: Said; onDone: () => void }) {
  const settling = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST("/api/v1/syncs/{slug}/settle", {
          params: { path: { slug: sync } },
          body: record === null ? { key: row.key, not_booked: true } : { key: row.key, booked_as: record.id, not_booked: false },
        }),
      ),
    onSuccess: async () => {
      notifications.show({ message: `Row ${row.key} is settled.` });
      onDone();
      await queries.invalidateQueries();
    },
  });
  return (
    <Stack>
      <Text size="sm">
        {record === null
          ? "The next run sends it again. If it is in Xero after all, it is booked twice then."
          : `From now on ${record.called} is the record of this row. Nothing is sent for that.`}
      </Text>
      <Trouble error={settling.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone} data-autofocus>
          Back
        </Button>
        <Button color={record === null ? "orange.8" : undefined} loading={settling.isPending} onClick={() => settling.mutate()}>
          {record === null ? "It is not booked" : "It is booked"}
        </Button>
      </Group>
    </Stack>
  );
}
