import { Anchor, Badge, Button, Group, Skeleton, Table, Text } from "@mantine/core";
import { IconPlus, IconRefresh } from "@tabler/icons-react";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { me, project, schedule, standings } from "../api/queries";
import { Called } from "../parts/Called";
import { Empty } from "../parts/Empty";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { RowOpener } from "../parts/RowOpener";
import { ScheduleWords } from "../parts/ScheduleWords";
import { SearchBox } from "../parts/SearchBox";
import { Health } from "../parts/State";
import { Trouble } from "../parts/Trouble";
import { isAtLeast } from "../session/roles";
import { many } from "../parts/words";

export function SyncsPage() {
  const { data: person } = useSuspenseQuery(me);
  const add = isAtLeast(person.role, "editor") && (
    <Button component={Link} to="/syncs/new" leftSection={<IconPlus size={16} />}>
      Add sync
    </Button>
  );
  return (
    <Page title="Syncs" under="Each writes the rows of a model into one organisation's books." actions={add}>
      <Syncs />
    </Page>
  );
}

function Syncs() {
  const navigate = useNavigate();
  const [search, setSearch] = useState("");
  const files = useQuery(project);
  const { data: stands = [] } = useQuery(standings);
  const { data: times = [] } = useQuery(schedule);
  if (files.error) return <Trouble error={files.error} onRetry={() => void files.refetch()} />;
  if (!files.data) return <Skeleton height={280} />;
  const all = files.data.filter((each) => each.kind === "syncs");
  if (all.length === 0) {
    return (
      <Empty icon={IconRefresh} title="No sync yet">
        A sync says which model goes where, how a row finds its record, and which column becomes which field. Nothing is
        written before you have seen its plan.
      </Empty>
    );
  }
  const wanted = search.trim().toLowerCase();
  const shown = all.filter(({ slug, about: { title, model, destination, object } }) =>
    [slug, title, model, destination, object].some((each) => String(each ?? "").toLowerCase().includes(wanted)),
  );
  const standing = new Map(stands.map((each) => [each.sync, each]));
  const coming = new Map(times.map((each) => [each.sync, each]));
  return (
    <>
      {all.length > 8 && (
        <Group mb="sm">
          <SearchBox label="Filter" placeholder="Filter by name, model, object …" value={search} onChange={setSearch} />
        </Group>
      )}
      <div className="panel scroll-x fits">
        <Table highlightOnHover miw={820}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Sync</Table.Th>
              <Table.Th className="wide">From, to</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Last run</Table.Th>
              <Table.Th className="wide">Runs</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map(({ slug, about, problems }) => {
              const stands = standing.get(slug);
              const next = coming.get(slug)?.next[0];
              return (
                <RowOpener key={slug} linked onOpen={() => void navigate({ to: "/syncs/$slug", params: { slug } })}>
                  <Table.Td>
                    <Anchor
                      component={Link}
                      to={`/syncs/${slug}` as string}
                      size="sm"
                      fw={500}
                      onClick={(event) => event.stopPropagation()}
                    >
                      <Called slug={slug} about={about} />
                    </Anchor>
                  </Table.Td>
                  <Table.Td className="wide">
                    <Text size="sm">
                      {String(about.model ?? "?")} → {String(about.destination ?? "?")}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {String(about.object ?? "")} · {String(about.mode ?? "upsert")}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    {stands && <Health health={stands.health} />}
                    {problems > 0 && <Badge color="red">{many(problems, "problem")}</Badge>}
                  </Table.Td>
                  <Table.Td>
                    <Moment at={stands?.last_run?.started_at} />
                  </Table.Td>
                  <Table.Td className="wide">
                    <ScheduleWords schedule={about.schedule} />
                    {next && (
                      <Text size="xs" c="dimmed">
                        next <Moment at={next} />
                      </Text>
                    )}
                  </Table.Td>
                </RowOpener>
              );
            })}
          </Table.Tbody>
        </Table>
      </div>
    </>
  );
}
