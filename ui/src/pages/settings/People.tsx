import { Badge, Button, Group, Select, Stack, Table, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { api, bodyOf, type Schemas } from "../../api/client";
import { Moment } from "../../parts/Moment";
import { Once } from "../../parts/Once";
import { Trouble } from "../../parts/Trouble";
import { ROLE_CHOICES, ROLES } from "../../session/roles";

type Role = Schemas["Role"];

export function People() {
  return (
    <Stack gap="xl">
      <Inviting />
      <Everybody />
    </Stack>
  );
}

function Inviting() {
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const links = useQuery({
    queryKey: ["invitations"],
    queryFn: async () => (await bodyOf(api.GET("/api/v1/invitations"))).items,
  });
  const again = () => client.invalidateQueries({ queryKey: ["invitations"] });
  const inviting = useMutation({
    mutationFn: (body: { email: string; role: Role }) => bodyOf(api.POST("/api/v1/invitations", { body })),
    onSuccess: () => {
      setEmail("");
      void again();
    },
  });
  const withdrawing = useMutation({
    mutationFn: (id: string) => api.DELETE("/api/v1/invitations/{id}", { params: { path: { id } } }),
    onSuccess: again,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    inviting.mutate({ email, role });
  };
  return (
    <Stack>
      <form onSubmit={submit}>
        <Group align="flex-end">
          <TextInput
            label="Their e-mail"
            description="Nothing is sent: you give them the link."
            type="email"
            required
            w={280}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <Select label="Role" w={360} allowDeselect={false} data={ROLE_CHOICES} value={role} onChange={(value) => setRole(value as Role)} />
          <Button type="submit" loading={inviting.isPending}>
            Make an invitation link
          </Button>
        </Group>
      </form>
      {inviting.data && <Once title={`Send ${inviting.variables.email} this link: it is shown this once, and works once.`} text={inviting.data.url} />}
      <Trouble error={inviting.error ?? links.error ?? withdrawing.error} />
      {links.data?.map((each) => (
        <Group key={each.id} gap="sm">
          <span>{each.email ?? "the first admin"}</span>
          <Badge>{each.person ? "another password" : each.role}</Badge>
          <span>
            ends <Moment at={each.expires_at} />
          </span>
          <Button size="compact-xs" variant="subtle" color="red" onClick={() => withdrawing.mutate(each.id)}>
            Withdraw
          </Button>
        </Group>
      ))}
    </Stack>
  );
}

function Everybody() {
  const client = useQueryClient();
  const people = useQuery({ queryKey: ["people"], queryFn: async () => (await bodyOf(api.GET("/api/v1/people"))).items });
  const again = () => client.invalidateQueries({ queryKey: ["people"] });
  const changing = useMutation({
    mutationFn: ({ id, ...body }: { id: string } & Schemas["PersonChange"]) =>
      api.PATCH("/api/v1/people/{id}", { params: { path: { id } }, body }),
    onSuccess: again,
  });
  const resetting = useMutation({
    mutationFn: (id: string) => bodyOf(api.POST("/api/v1/people/{id}/reset", { params: { path: { id } } })),
  });
  return (
    <section>
      <Title order={2} mb="xs">
        Everybody
      </Title>
      {resetting.data && <Once title="With this link they choose another password; it works once." text={resetting.data.url} />}
      <Trouble error={people.error ?? changing.error ?? resetting.error} />
      <div className="panel scroll-x fits">
        <Table className="stacked" miw={640}>
          <Table.Tbody>
            {people.data?.map((each) => (
              <Table.Tr key={each.id}>
                <Table.Td>{each.name}</Table.Td>
                <Table.Td className="under">{each.email}</Table.Td>
                <Table.Td>
                  <Select
                    size="xs"
                    w={120}
                    aria-label={`Role of ${each.name}`}
                    allowDeselect={false}
                    data={ROLES}
                    value={each.role}
                    onChange={(role) => changing.mutate({ id: each.id, role: role as Role })}
                  />
                </Table.Td>
                <Table.Td>{each.disabled && <Badge color="gray">disabled</Badge>}</Table.Td>
                <Table.Td ta="right" className="under">
                  <Button size="compact-xs" variant="subtle" onClick={() => resetting.mutate(each.id)}>
                    New password
                  </Button>
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    color={each.disabled ? "teal" : "red"}
                    onClick={() => changing.mutate({ id: each.id, disabled: !each.disabled })}
                  >
                    {each.disabled ? "Let in again" : "Disable"}
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  );
}
