import { Button, Divider, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";

import { api, bodyOf, keepCsrf } from "../api/client";
import { me, queries } from "../api/queries";
import { Trouble } from "../parts/Trouble";
import { Bare } from "./Bare";

export function SignIn() {
  const { to } = useSearch({ from: "/sign-in" });
  const navigate = useNavigate();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const { data: ways } = useQuery({ queryKey: ["ways"], queryFn: () => bodyOf(api.GET("/api/v1/session/ways")) });
  const leaving = useMutation({
    mutationFn: () => bodyOf(api.POST("/api/v1/session/openid")),
    onSuccess: ({ url }) => window.location.assign(url),
  });
  const signing = useMutation({
    mutationFn: () => bodyOf(api.POST("/api/v1/session", { body: { email, password } })),
    onSuccess: (found) => {
      queries.clear();
      keepCsrf(found.csrf);
      queries.setQueryData(me.queryKey, found);
      // Only to a page of this app: an address from elsewhere leads nowhere.
      void navigate({ to: to?.startsWith("/") && !to.startsWith("//") ? to : "/" });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signing.mutate();
  };
  return (
    <Bare title="Sign in">
      <Stack>
        {ways?.openid && (
          <Button variant={ways.passwords ? "default" : "filled"} loading={leaving.isPending} onClick={() => leaving.mutate()}>
            Sign in with {hostOf(ways.openid)}
          </Button>
        )}
        <Trouble error={leaving.error} />
        {ways?.openid && ways.passwords && <Divider label="or" />}
        {ways?.passwords !== false && (
          <form onSubmit={submit}>
            <Stack>
              <TextInput
                label="E-mail"
                type="email"
                autoComplete="username"
                required
                autoFocus
                value={email}
                onChange={(event) => setEmail(event.currentTarget.value)}
              />
              <PasswordInput
                label="Password"
                autoComplete="current-password"
                required
                value={password}
                onChange={(event) => setPassword(event.currentTarget.value)}
              />
              <Trouble error={signing.error} />
              <Button type="submit" loading={signing.isPending} fullWidth mt={4}>
                Sign in
              </Button>
              <Text size="xs" c="dimmed">
                No account yet? An admin sends you a link. Lost the password? An admin makes a new link for you.
              </Text>
            </Stack>
          </form>
        )}
      </Stack>
    </Bare>
  );
}

function hostOf(address: string): string {
  return new URL(address).host;
}
