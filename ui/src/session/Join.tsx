import { Button, Loader, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { Trouble } from "../parts/Trouble";
import { Bare } from "./Bare";

/** Takes a link: its secret stands behind the `#`, which browsers never send along. */
export function Join() {
  const [secret] = useState(() => window.location.hash.slice(1));
  const look = useQuery({
    queryKey: ["join", secret],
    queryFn: () => bodyOf(api.POST("/api/v1/join/look", { body: { secret } })),
    enabled: secret !== "",
    staleTime: Infinity,
  });
  if (secret === "") {
    return <Bare title="This link is not whole" under="Copy all of it, with what stands behind the #." children={null} />;
  }
  if (look.isPending) return <Bare title="One moment" children={<Loader size="sm" />} />;
  if (look.error) return <Bare title="This link cannot be used" children={<Trouble error={look.error} />} />;
  return <JoinForm secret={secret} link={look.data} />;
}

function JoinForm({ secret, link }: { secret: string; link: Schemas["LinkFor"] }) {
  const navigate = useNavigate();
  const [email, setEmail] = useState(link.email ?? "");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const joining = useMutation({
    mutationFn: async () => {
      const said = { secret, password, ...(link.is_reset ? {} : { name }), ...(link.email ? {} : { email }) };
      await api.POST("/api/v1/join", { body: said });
      await api.POST("/api/v1/session", { body: { email, password } });
    },
    onSuccess: () => void navigate({ to: "/" }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    joining.mutate();
  };
  const under = link.is_reset
    ? "Everywhere else you will be signed out."
    : link.email === null
      ? "You will be the first admin of this server."
      : `You have been invited as ${link.role}.`;
  return (
    <Bare title={link.is_reset ? "Choose another password" : "Welcome to Bookward"} under={under}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            required
            autoFocus={link.email === null}
            readOnly={link.email !== null}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          {!link.is_reset && (
            <TextInput
              label="Your name"
              autoComplete="name"
              required
              autoFocus={link.email !== null}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          )}
          <PasswordInput
            label="Password"
            description="At least 12 characters: four words that you like do well."
            autoComplete="new-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Trouble error={joining.error} />
          <Button type="submit" loading={joining.isPending} fullWidth mt={4}>
            Continue
          </Button>
        </Stack>
      </form>
    </Bare>
  );
}
