import { Button, Table, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";

import { api, type Schemas } from "../api/client";
import { queries } from "../api/queries";
import { Moment } from "../parts/Moment";
import { Trouble } from "../parts/Trouble";
import { wordsOf } from "./states";

type Silence = Schemas["SilenceShape"];

/** What nobody wants to hear of now, and the way to hear of it again. */
export function Silences({ silences, mayEnd }: { silences: Silence[]; mayEnd: boolean }) {
  const ending = useMutation({
    mutationFn: ({ subject, trigger }: Silence) => {
      const [kind, slug] = subject.split("/") as [string, string];
      return api.DELETE("/api/v1/silences/{kind}/{slug}", { params: { path: { kind, slug }, query: { trigger } } });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["silences"] }),
  });
  if (silences.length === 0) return null;
  return (
    <section aria-labelledby="silences">
      <Title order={2} id="silences" mb="xs">
        Silenced
      </Title>
      <Trouble error={ending.error} />
      <div className="panel scroll-x">
        <Table miw={560}>
          <Table.Tbody>
            {silences.map((each) => (
              <Table.Tr key={`${each.subject} ${each.trigger}`}>
                <Table.Td fw={500}>{each.subject}</Table.Td>
                <Table.Td>{each.trigger === null ? "everything" : wordsOf(each.trigger)}</Table.Td>
                <Table.Td>{each.until === null ? "until somebody ends it" : <>until <Moment at={each.until} exact /></>}</Table.Td>
                <Table.Td c="dimmed">by {each.by}</Table.Td>
                <Table.Td ta="right">
                  {mayEnd && (
                    <Button size="compact-xs" variant="subtle" onClick={() => ending.mutate(each)}>
                      End the silence
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  );
}
