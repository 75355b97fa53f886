import { Button, Group, PasswordInput, Stack, Table, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { api, bodyOf } from "../../api/client";
import { me } from "../../api/queries";
import { Moment } from "../../parts/Moment";
import { Trouble } from "../../parts/Trouble";
import { browserOf } from "./browserOf";

export function Account() {
  const { data: person } = useSuspenseQuery(me);
  return (
    <Stack gap="xl">
      <Text size="sm">
        {person.name} · {person.email} · {person.role}
      </Text>
      <Password />
      <Sessions />
    </Stack>
  );
}

function Password() {
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const changing = useMutation({
    mutationFn: () => api.PUT("/api/v1/session/password", { body: { old, new: next } }),
    onSuccess: () => {
      setOld("");
      setNext("");
      notifications.show({ message: "The password is changed; all other sessions have ended." });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    changing.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack maw={380}>
        <Title order={2}>Password</Title>
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          required
          value={old}
          onChange={(event) => setOld(event.currentTarget.value)}
        />
        <PasswordInput
          label="New password"
          description="At least 12 characters."
          autoComplete="new-password"
          required
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <Trouble error={changing.error} />
        <Group>
          <Button type="submit" variant="default" loading={changing.isPending}>
            Change password
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Sessions() {
  const key = ["sessions"];
  const client = useQueryClient();
  const { data, error } = useQuery({
    queryKey: key,
    queryFn: async () => (await bodyOf(api.GET("/api/v1/session/all"))).items,
  });
  const ending = useMutation({
    mutationFn: (id: string) => api.DELETE("/api/v1/session/all/{id}", { params: { path: { id } } }),
    onSuccess: () => client.invalidateQueries({ queryKey: key }),
  });
  return (
    <section>
      <Title order={2} mb="xs">
        Where you are signed in
      </Title>
      <Trouble error={error ?? ending.error} />
      <div className="panel scroll-x fits">
        <Table className="stacked" miw={560}>
          <Table.Tbody>
            {data?.map((each) => (
              <Table.Tr key={each.id}>
                <Table.Td title={each.agent}>{browserOf(each.agent)}</Table.Td>
                <Table.Td className="under">
                  from {each.address}, seen <Moment at={each.seen_at} />
                </Table.Td>
                <Table.Td ta="right">
                  {each.current ? (
                    <Text size="sm" c="dimmed">
                      this one
                    </Text>
                  ) : (
                    <Button size="compact-xs" variant="subtle" color="red" onClick={() => ending.mutate(each.id)}>
                      End
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
