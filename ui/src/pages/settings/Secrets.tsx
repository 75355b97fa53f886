import { Button, Group, PasswordInput, Stack, Table, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { api, type Schemas } from "../../api/client";
import { secrets } from "../../api/queries";
import { Moment } from "../../parts/Moment";
import { Trouble } from "../../parts/Trouble";

export function Secrets() {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [value, setValue] = useState("");
  const found = useQuery(secrets);
  const again = () => client.invalidateQueries({ queryKey: secrets.queryKey });
  const sealing = useMutation({
    mutationFn: () => api.PUT("/api/v1/secrets/{name}", { params: { path: { name } }, body: { value } }),
    onSuccess: () => {
      notifications.show({ message: `${name} is sealed; nobody can read it here any more.` });
      setName("");
      setValue("");
      void again();
    },
  });
  const forgetting = useMutation({
    mutationFn: (each: string) => api.DELETE("/api/v1/secrets/{name}", { params: { path: { name: each } } }),
    onSuccess: again,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    sealing.mutate();
  };
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        Files call a secret by its name, {"${NAME}"}. Its value is sealed, and never shown again.
      </Text>
      <form onSubmit={submit}>
        <Group align="flex-end">
          <TextInput
            label="Name"
            placeholder="XERO_CLIENT_SECRET"
            required
            className="mono"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PasswordInput
            label="Value"
            autoComplete="off"
            required
            w={260}
            value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
          />
          <Button type="submit" loading={sealing.isPending}>
            Seal
          </Button>
        </Group>
      </form>
      <Trouble error={sealing.error ?? found.error ?? forgetting.error} />
      {found.data && found.data.length > 0 && (
        <div className="panel scroll-x">
          <Table miw={480}>
            <Table.Tbody>
              {found.data.map((each) => (
                <Table.Tr key={each.name}>
                  <Table.Td className="mono">{each.name}</Table.Td>
                  <Table.Td>
                    set <Moment at={each.set_at} /> by {each.set_by}
                  </Table.Td>
                  <Table.Td>{usedBy(each)}</Table.Td>
                  <Table.Td ta="right">
                    <Button
                      size="compact-xs"
                      variant="subtle"
                      color="red"
                      onClick={() => window.confirm(losing(each)) && forgetting.mutate(each.name)}
                    >
                      Forget
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

const usedBy = ({ used_by, set_outside }: Schemas["SecretShape"]): string =>
  set_outside ? "not used: the server's environment or .env sets it" : used_by.length > 0 ? `used by ${used_by.join(", ")}` : "not used";

/** Return what is asked before a secret is lost for good. */
const losing = ({ name, used_by, set_outside }: Schemas["SecretShape"]): string =>
  used_by.length > 0 && !set_outside
    ? `Forget ${name} for good? ${used_by.join(", ")} will not work until it is sealed again.`
    : `Forget ${name} for good? ${set_outside ? "It is not used." : "No file takes it."}`;
