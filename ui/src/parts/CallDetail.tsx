import { Badge, Button, Code, CopyButton, Group, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { api, bodyOf, type Schemas } from "../api/client";
import { Json } from "./Json";
import { Moment } from "./Moment";
import { HttpStatus } from "./State";
import { Trouble } from "./Trouble";
import { count, many } from "./words";

/** One call with headers and bodies. */
export function CallDetail({ run, number }: { run: string; number: number }) {
  const { data: call, error } = useQuery({
    queryKey: ["runs", run, "calls", number],
    staleTime: Infinity,
    queryFn: () =>
      bodyOf(api.GET("/api/v1/runs/{id}/calls/{number}", { params: { path: { id: run, number } } })),
  });
  if (error) return <Trouble error={error} />;
  if (!call) return <Skeleton height={300} />;
  return (
    <Stack>
      <Code block>
        {call.method} {call.url}
      </Code>
      <Group>
        <HttpStatus status={call.status} error={call.error} />
        <Text size="sm" className="figures">
          {count(Math.round(call.duration_ms))} ms
        </Text>
        <Text size="sm">{call.purpose}</Text>
        {call.rows > 0 && <Badge>{many(call.rows, "row")}</Badge>}
        <Text size="sm" c="dimmed">
          <Moment at={call.at} exact />
        </Text>
        {!call.hidden && (
          <CopyButton value={curlOf(call)}>
            {({ copied, copy }) => (
              <Button size="xs" variant="default" onClick={copy}>
                {copied ? "Copied" : "Copy as curl"}
              </Button>
            )}
          </CopyButton>
        )}
      </Group>
      {call.error && <Text c="red">{call.error}</Text>}
      {call.hidden && (
        <Text size="sm" c="dimmed">
          Headers and bodies name people and sums; they are shown to editors.
        </Text>
      )}
      <Part title="Request" headers={call.request_headers} body={call.request_body} hidden={call.hidden} />
      <Part title="Answer" headers={call.response_headers} body={call.response_body} hidden={call.hidden} />
    </Stack>
  );
}

function Part({ title, headers, body, hidden }: { title: string; headers: Record<string, string>; body: string; hidden: boolean }) {
  return (
    <section>
      <Title order={3} size="sm" mb={6}>
        {title}
      </Title>
      <div className="panel" style={{ padding: 12 }}>
        {!hidden && <Json text={body} />}
        <Table mt="sm" fz="xs" withRowBorders={false} verticalSpacing={2} layout="fixed">
          <Table.Tbody>
            {Object.entries(headers).map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Td w={190} c="dimmed">
                  {name}
                </Table.Td>
                <Table.Td className="mono clip" title={value}>
                  {value}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  );
}

/** Return a call as a line for a shell; what was redacted stays so. */
export function curlOf(call: Schemas["WholeCall"]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const headers = Object.entries(call.request_headers)
    .filter(([name]) => !["host", "content-length", "connection", "accept-encoding"].includes(name.toLowerCase()))
    .map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const body = call.request_body ? [`--data-raw ${quoted(call.request_body)}`] : [];
  return ["curl", "-X", call.method, ...headers, ...body, quoted(call.url)].join(" ");
}
