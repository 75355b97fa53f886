import { Anchor, Badge, Table, Text } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { alerts, project } from "../api/queries";
import { Called } from "../parts/Called";
import { Empty } from "../parts/Empty";
import { Moment } from "../parts/Moment";
import { many } from "../parts/words";

/** Who is told, how, and whether messages arrive there. */
export function Recipients() {
  const { data: all } = useQuery(project);
  const { data: told = [] } = useQuery(alerts);
  const files = all?.filter((each) => each.kind === "alerts");
  if (files?.length === 0) {
    return (
      <Empty icon={IconBell} title="No alert yet">
        An alert says who is told, and how: by e-mail, Slack, PagerDuty and others.
      </Empty>
    );
  }
  const views = new Map(told.map((each) => [each.alert, each]));
  return (
    <div className="panel scroll-x">
      <Table miw={640}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Type</Table.Th>
            <Table.Th>Is told of</Table.Th>
            <Table.Th>Last message</Table.Th>
            <Table.Th>Waiting</Table.Th>
            <Table.Th aria-label="Trouble" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {files?.map(({ slug, about, problems }) => {
            const view = views.get(slug);
            return (
              <Table.Tr key={slug}>
                <Table.Td>
                  <Anchor component={Link} to={`/alerts/${slug}` as string} size="sm" fw={500}>
                    <Called slug={slug} about={about} />
                  </Anchor>
                  {typeof about.description === "string" && (
                    <Text size="xs" c="dimmed">
                      {about.description}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>{String(about.type ?? "")}</Table.Td>
                <Table.Td maw={240}>
                  {about.notify === "critical" ? "what is critical" : "warnings and what is critical"}
                  {about.named === false && (
                    <Text size="xs" c="dimmed">
                      Nothing yet: its page says how to change that.
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  <Moment at={view?.last_sent} />
                </Table.Td>
                <Table.Td className="figures">{view?.waiting ?? ""}</Table.Td>
                <Table.Td maw={260}>
                  {problems > 0 && <Badge color="red">{many(problems, "problem")}</Badge>}
                  {view?.trouble && (
                    <Text size="xs" c="red">
                      {view.trouble}
                    </Text>
                  )}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </div>
  );
}
