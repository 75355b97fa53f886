import { Button, Skeleton, Stack, Tabs } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { Recipients } from "../alerts/Recipients";
import { Silences } from "../alerts/Silences";
import { linesOf } from "../alerts/states";
import { StateTable } from "../alerts/StateTable";
import { me, project, silences, states } from "../api/queries";
import { Page } from "../parts/Page";
import { Trouble } from "../parts/Trouble";
import { isAtLeast } from "../session/roles";

/** How everything stands, who is told of it, and what nobody wants to hear of. */
export function AlertsPage() {
  const { data: person } = useSuspenseQuery(me);
  const { tab = "states" } = useSearch({ from: "/inside/alerts" });
  const navigate = useNavigate();
  const mayEdit = isAtLeast(person.role, "editor");
  const add = mayEdit && (
    <Button component={Link} to={"/alerts/new" as string} leftSection={<IconPlus size={16} />}>
      Add alert
    </Button>
  );
  return (
    <Page title="Alerts" under="What is not well, and who is told of it." actions={add}>
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(chosen) => void navigate({ to: "/alerts", search: { tab: chosen ?? undefined }, replace: true })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="states">States</Tabs.Tab>
          <Tabs.Tab value="recipients">Recipients</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="states">
          <States mayEdit={mayEdit} />
        </Tabs.Panel>
        <Tabs.Panel value="recipients">
          <Recipients />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function States({ mayEdit }: { mayEdit: boolean }) {
  const found = useQuery(states);
  const all = useQuery(project);
  const { data: silenced = [] } = useQuery(silences);
  const error = found.error ?? all.error;
  if (error) return <Trouble error={error} onRetry={() => void Promise.all([found.refetch(), all.refetch()])} />;
  if (!found.data || !all.data) return <Skeleton height={280} />;
  return (
    <Stack gap="xl">
      <StateTable lines={linesOf(found.data, all.data)} silences={silenced} maySilence={mayEdit} />
      <Silences silences={silenced} mayEnd={mayEdit} />
    </Stack>
  );
}
