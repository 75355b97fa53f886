import { Anchor, Badge, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import type { Schemas } from "../api/client";
import { Moment } from "../parts/Moment";
import { Level } from "../parts/State";
import { inApp } from "../parts/remedies";
import { Silencing } from "./Silencing";
import { covers, type Line, wordsOf } from "./states";

type Props = { lines: Line[]; silences: Schemas["SilenceShape"][]; maySilence: boolean };

/** How every sync, source, destination and alert stands, trigger by trigger. */
export function StateTable({ lines, silences, maySilence }: Props) {
  return (
    <div className="panel scroll-x fits">
      <Table className="stacked" miw={760} verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>What</Table.Th>
            <Table.Th>Trigger</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th className="wide">Since</Table.Th>
            <Table.Th>What is wrong</Table.Th>
            {maySilence && <Table.Th aria-label="Silence" />}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map((line) => {
            const silence = silences.find((each) => covers(each, line));
            return (
              <Table.Tr key={`${line.subject} ${line.trigger}`}>
                <Table.Td>
                  <Anchor component={Link} to={`/${line.subject}` as string} size="sm" fw={500}>
                    {line.subject}
                  </Anchor>
                </Table.Td>
                <Table.Td className="under">{line.trigger === null ? "every trigger" : wordsOf(line.trigger)}</Table.Td>
                <Table.Td>
                  <Level level={line.level} />
                </Table.Td>
                <Table.Td className="wide">
                  <Moment at={line.since} />
                </Table.Td>
                <Table.Td maw={340} className="under">
                  {line.message && <Text size="sm">{line.message}</Text>}
                  {line.level !== "ok" && (
                    <Text size="xs" c="dimmed">
                      {inApp(line.remedy)}{" "}
                      {line.run && (
                        <Anchor component={Link} to={`/runs/${line.run}` as string} size="xs">
                          Show the run
                        </Anchor>
                      )}
                    </Text>
                  )}
                </Table.Td>
                {maySilence && (
                  <Table.Td ta="right">
                    {silence ? <Badge color="gray">silenced</Badge> : <Silencing line={line} />}
                  </Table.Td>
                )}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </div>
  );
}
