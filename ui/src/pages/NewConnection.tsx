import { Button, Code, Group, Skeleton, Stack, Stepper, Text } from "@mantine/core";
import { IconExternalLink, IconPlugConnected } from "@tabler/icons-react";
import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api, bodyOf } from "../api/client";
import { me, names, queries } from "../api/queries";
import { Catalogue } from "../connect/Catalogue";
import { useNaming } from "../connect/Naming";
import { kindsOf, type SourceKind } from "../connect/schema";
import { create, sealable } from "../connect/sealing";
import { SettingsForm, type Values } from "../connect/SettingsForm";
import { leave } from "../connect/unnamed";
import { Page } from "../parts/Page";
import { Steps } from "../parts/Steps";
import { Trouble } from "../parts/Trouble";
import { isAtLeast } from "../session/roles";

type Kind = "sources" | "destinations";

/** A source or a destination, from the catalogue to its name. */
export function NewConnection({ kind }: { kind: Kind }) {
  const { data: person } = useSuspenseQuery(me);
  const [step, setStep] = useState(0);
  const [type, setType] = useState<string | null>(null);
  const [values, setValues] = useState<Values>({});
  const found = useQuery({
    queryKey: ["schemas", kind],
    staleTime: Infinity,
    queryFn: async () => kindsOf(await bodyOf(api.GET("/api/v1/schemas/{kind}", { params: { path: { kind } } }))),
  });
  const chosen = found.data?.find((each) => each.type === type);
  const one = kind === "sources" ? "source" : "destination";
  const authorises = kind === "destinations" && isAtLeast(person.role, "admin");
  const choose = (to: string) => {
    setType(to);
    setValues({});
  };
  const parts = { kind, values, onBack: () => setStep(step - 1) };
  return (
    <Page title={`Add ${one}`} crumbs={[{ text: kind === "sources" ? "Sources" : "Destinations", to: `/${kind}` as "/" }]}>
      <Stepper active={step} onStepClick={(to) => to < step && setStep(to)} size="sm" mb="lg">
        <Stepper.Step label="Kind" />
        <Stepper.Step label={authorises ? "Settings and access" : "Settings"} />
        <Stepper.Step label="Name and slug" />
      </Stepper>
      <Trouble error={found.error} onRetry={() => void found.refetch()} />
      {found.isPending && <Skeleton height={160} />}
      {step === 0 && found.data && (
        <Stack>
          <Catalogue label={`Kind of ${one}`} kinds={found.data} chosen={type} onChoose={choose} />
          <Group justify="flex-end">
            <Button disabled={!chosen} onClick={() => setStep(1)}>
              Continue
            </Button>
          </Group>
        </Stack>
      )}
      {step === 1 && chosen && (
        <Stack maw={720}>
          <SettingsForm settings={chosen.settings} values={values} onChange={setValues} />
          {kind === "sources" && <Testing {...parts} chosen={chosen} onDone={() => setStep(2)} />}
          {authorises && <Authorising {...parts} chosen={chosen} />}
          {kind === "destinations" && !authorises && (
            <Group justify="space-between">
              <Text size="sm" c="dimmed">
                An admin authorises it afterwards.
              </Text>
              <Button onClick={() => setStep(2)}>Continue</Button>
            </Group>
          )}
        </Stack>
      )}
      {step === 2 && chosen && <Finishing {...parts} chosen={chosen} />}
    </Page>
  );
}

type Part = { kind: Kind; chosen: SourceKind; values: Values; onBack: () => void };

function Testing({ chosen, values, onBack, onDone }: Part & { onDone: () => void }) {
  const testing = useMutation({
    mutationFn: () => {
      const params = { path: { kind: "sources" as const, slug: "new-source" } };
      return bodyOf(api.POST("/api/v1/files/{kind}/{slug}/test", { params, body: sealable("new_source", chosen.type, chosen.settings, values) }));
    },
  });
  return (
    <>
      <Trouble error={testing.error} />
      {testing.data && <Steps connection={testing.data} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button
          variant={testing.data?.ok ? "default" : "filled"}
          leftSection={<IconPlugConnected size={16} />}
          loading={testing.isPending}
          onClick={() => testing.mutate()}
        >
          Test connection
        </Button>
        <Button variant={testing.data?.ok ? "filled" : "default"} onClick={onDone}>
          Continue
        </Button>
      </Group>
    </>
  );
}

function Authorising({ chosen, values, onBack }: Part) {
  const navigate = useNavigate();
  const authorising = useMutation({
    mutationFn: async () => {
      const taken = await queries.fetchQuery({ ...names("destinations"), staleTime: 0 });
      const slug = freeSlug(`new-${chosen.type}`, taken);
      await create("destinations", slug, chosen.type, chosen.settings, values);
      leave(slug);
      const { url } = await bodyOf(api.POST("/api/v1/destinations/{slug}/connect", { params: { path: { slug } } }));
      if (url) window.location.assign(url);
      else await navigate({ to: "/$kind/$slug", params: { kind: "destinations", slug } });
    },
  });
  return (
    <>
      <Text size="sm" c="dimmed">
        The app that is registered at {chosen.title} sends browsers back to <Code>{`${window.location.origin}/api/v1/callback/connect`}</Code>: enter that there as its redirect URI.
      </Text>
      <Trouble error={authorising.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button leftSection={<IconExternalLink size={16} />} loading={authorising.isPending} onClick={() => authorising.mutate()}>
          Authorise at {chosen.title}
        </Button>
      </Group>
    </>
  );
}

function freeSlug(slug: string, taken: string[]): string {
  for (let number = 1; ; number += 1) {
    const one = number === 1 ? slug : `${slug}-${number}`;
    if (!taken.includes(one)) return one;
  }
}

function Finishing({ kind, chosen, values, onBack }: Part) {
  const navigate = useNavigate();
  const { slug, inputs } = useNaming();
  const saving = useMutation({
    mutationFn: () => create(kind, slug, chosen.type, chosen.settings, values),
    onSuccess: async () => {
      await queries.invalidateQueries();
      await navigate({ to: "/$kind/$slug", params: { kind, slug } });
    },
  });
  return (
    <Stack maw={720}>
      {inputs}
      <Trouble error={saving.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button disabled={!slug} loading={saving.isPending} onClick={() => saving.mutate()}>
          Finish
        </Button>
      </Group>
    </Stack>
  );
}
