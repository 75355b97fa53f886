import { Button, Group, Select, Stack, Table, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { api, bodyOf, type Schemas } from "../../api/client";
import { me } from "../../api/queries";
import { Moment } from "../../parts/Moment";
import { Once } from "../../parts/Once";
import { Trouble } from "../../parts/Trouble";
import { isAtLeast, ROLES } from "../../session/roles";

const KEY = ["tokens"];

export function Tokens() {
  const client = useQueryClient();
  const { data: person } = useSuspenseQuery(me);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Schemas["Role"]>("viewer");
  const found = useQuery({ queryKey: KEY, queryFn: async () => (await bodyOf(api.GET("/api/v1/tokens"))).items });
  const again = () => client.invalidateQueries({ queryKey: KEY });
  const making = useMutation({
    mutationFn: () => bodyOf(api.POST("/api/v1/tokens", { body: { name, role } })),
    onSuccess: () => {
      setName("");
      void again();
    },
  });
  const ending = useMutation({
    mutationFn: (id: string) => api.DELETE("/api/v1/tokens/{id}", { params: { path: { id } } }),
    onSuccess: again,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    making.mutate();
  };
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        For scripts and orchestrators. A token may do what its role may, never more than you.
      </Text>
      <form onSubmit={submit}>
        <Group align="flex-end">
          <TextInput label="What it is for" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
          <Select
            label="Role"
            allowDeselect={false}
            data={ROLES.filter((each) => isAtLeast(person.role, each))}
            value={role}
            onChange={(value) => setRole(value as Schemas["Role"])}
          />
          <Button type="submit" loading={making.isPending}>
            Make a token
          </Button>
        </Group>
      </form>
      {making.data && <Once title="Copy it now: it is not shown again." text={making.data.token} />}
      <Trouble error={making.error ?? found.error ?? ending.error} />
      {found.data && found.data.length > 0 && (
        <div className="panel scroll-x fits">
          <Table className="stacked" miw={620}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Token</Table.Th>
                <Table.Th>Role</Table.Th>
                <Table.Th>Used</Table.Th>
                <Table.Th>Ends</Table.Th>
                <Table.Th />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.data.map((each) => (
                <Table.Tr key={each.id}>
                  <Table.Td>{each.name}</Table.Td>
                  <Table.Td>{each.role}</Table.Td>
                  <Table.Td className="under">
                    <span className="headless">Used </span>
                    <Moment at={each.used_at} />
                  </Table.Td>
                  <Table.Td className="under">
                    <span className="headless">Ends </span>
                    <Moment at={each.expires_at} />
                  </Table.Td>
                  <Table.Td ta="right">
                    <Button size="compact-xs" variant="subtle" color="red" onClick={() => ending.mutate(each.id)}>
                      Revoke
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Stack>
  );
}
