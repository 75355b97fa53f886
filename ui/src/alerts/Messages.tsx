import { Skeleton, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { messages } from "../api/queries";
import { Moment } from "../parts/Moment";
import { Level } from "../parts/State";
import { Trouble } from "../parts/Trouble";
import { wordsOf } from "./states";

/** What an alert was told lately, and whether it arrived. */
export function Messages({ alert }: { alert: string }) {
  const found = useQuery(messages(alert));
  if (found.error) return <Trouble error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton height={200} />;
  if (found.data.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing was told yet. A message stands here when something it is told of goes wrong or well again; a test
        message is sent from its settings, and not kept.
      </Text>
    );
  }
  return (
    <div className="panel scroll-x">
      <Table miw={640}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Of</Table.Th>
            <Table.Th>Trigger</Table.Th>
            <Table.Th>Told</Table.Th>
            <Table.Th>When</Table.Th>
            <Table.Th>What became of it</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {found.data.map((each) => (
            <Table.Tr key={each.id}>
              <Table.Td>{each.subject}</Table.Td>
              <Table.Td>{wordsOf(each.trigger)}</Table.Td>
              <Table.Td>
                <Level level={each.level} />
              </Table.Td>
              <Table.Td>
                <Moment at={each.at} />
              </Table.Td>
              <Table.Td maw={320}>
                <Text size="sm">
                  {each.state}
                  {each.sent_at && (
                    <>
                      {" "}
                      <Moment at={each.sent_at} />
                    </>
                  )}
                </Text>
                {each.said && (
                  <Text size="xs" c="dimmed">
                    {each.said}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
