import { Button, Code, Group, Skeleton, Stack, Stepper, Text } from "@mantine/core";
import { IconExternalLink, IconPlugConnected } from "@tabler/icons-react";
import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { FinishAlert } from "../alerts/FinishAlert";
import { api, bodyOf } from "../api/client";
import { me, names, queries, redirectUri } from "../api/queries";
import { Catalogue } from "../connect/Catalogue";
import { useNaming } from "../connect/Naming";
import { type Described, kinds } from "../connect/kinds";
import type { SourceKind } from "../connect/schema";
import { create, sealable } from "../connect/sealing";
import { missing, SettingsForm, type Values } from "../connect/SettingsForm";
import { Begun } from "../connect/Begun";
import { freeSlug } from "../connect/unnamed";
import { Page } from "../parts/Page";
import { atFields, problemsOf } from "../parts/problems";
import { Steps } from "../parts/Steps";
import { Trouble } from "../parts/Trouble";
import { useLeaving } from "../parts/useLeaving";
import { isAtLeast } from "../session/roles";

const WORDS: Record<Described, [one: string, title: string]> = {
  sources: ["source", "Sources"],
  destinations: ["destination", "Destinations"],
  alerts: ["alert", "Alerts"],
};

/** A source, a destination or an alert, from the catalogue to its name. */
export function NewConnection({ kind }: { kind: Described }) {
  const { data: person } = useSuspenseQuery(me);
  const [step, setStep] = useState(0);
  const [type, setType] = useState<string | null>(null);
  const [values, setValues] = useState<Values>({});
  const [errors, setErrors] = useState<Record<string, string>>({});
  const found = useQuery(kinds(kind));
  const chosen = found.data?.find((each) => each.type === type);
  const [one, title] = WORDS[kind];
  const authorises = kind === "destinations" && isAtLeast(person.role, "admin");
  const choose = (to: string) => {
    setType(to);
    setValues({});
    setErrors({});
  };
  const change = (to: Values) => {
    setValues(to);
    setErrors({});
  };
  /** Return whether all is said that has to be; what is not is marked. */
  const isComplete = () => {
    const left = missing(chosen?.settings ?? [], values);
    setErrors(left);
    return Object.keys(left).length === 0;
  };
  const refused = (error: unknown) => {
    const found = atFields(problemsOf(error));
    setErrors(found);
    if (chosen?.settings.some(({ name }) => name in found)) setStep(1);
  };
  const leaving = useLeaving(type !== null, "What you have begun is not saved. Leave it?");
  const parts = { leaving, kind, values, isComplete, onRefused: refused, onBack: () => setStep(step - 1) };
  return (
    <Page title={`Add ${one}`} crumbs={[{ text: title, to: `/${kind}` as "/" }]}>
      <Stepper active={step} onStepClick={(to) => to < step && setStep(to)} size="sm" mb="lg">
        <Stepper.Step label="Kind" />
        <Stepper.Step label={authorises ? "Settings and access" : "Settings"} />
        <Stepper.Step label={kind === "alerts" ? "Name, and what it is told of" : "Name and slug"} />
      </Stepper>
      <Trouble error={found.error} onRetry={() => void found.refetch()} />
      {authorises && step === 0 && <Begun />}
      {found.isPending && <Skeleton height={160} />}
      {step === 0 && found.data && (
        <Stack>
          <Catalogue label={`Kind of ${one}`} kinds={found.data.filter((each) => !each.retired)} chosen={type} onChoose={choose} />
          <Group justify="flex-end">
            <Button disabled={!chosen} onClick={() => setStep(1)}>
              Continue
            </Button>
          </Group>
        </Stack>
      )}
      {step === 1 && chosen && (
        <Stack maw={720}>
          <SettingsForm settings={chosen.settings.filter(({ name }) => name !== "title")} values={values} errors={errors} onChange={change} />
          {kind === "sources" && <Testing {...parts} chosen={chosen} onDone={() => setStep(2)} />}
          {authorises && <Authorising {...parts} chosen={chosen} />}
          {kind !== "sources" && !authorises && (
            <Group justify="space-between">
              <Text size="sm" c="dimmed">
                {kind === "alerts" ? "A test message can be sent afterwards." : "An admin authorises it afterwards."}
              </Text>
              <Group gap="sm">
                <Button variant="default" onClick={parts.onBack}>
                  Back
                </Button>
                <Button onClick={() => isComplete() && setStep(2)}>Continue</Button>
              </Group>
            </Group>
          )}
        </Stack>
      )}
      {step === 2 && chosen && (kind === "alerts" ? <FinishAlert {...parts} chosen={chosen} /> : <Finishing {...parts} chosen={chosen} />)}
    </Page>
  );
}

type Part = {
  leaving: () => void;
  kind: Described;
  chosen: SourceKind;
  values: Values;
  isComplete: () => boolean;
  onRefused: (error: unknown) => void;
  onBack: () => void;
};

function Testing({ chosen, values, isComplete, onRefused, onBack, onDone }: Part & { onDone: () => void }) {
  const testing = useMutation({
    onError: onRefused,
    mutationFn: (said: Values) => {
      const params = { path: { kind: "sources" as const, slug: "new-source" } };
      return bodyOf(api.POST("/api/v1/files/{kind}/{slug}/test", { params, body: sealable("new_source", chosen.settings, { type: chosen.type, ...said }) }));
    },
  });
  const tested = testing.variables === values ? testing.data : undefined;
  const failed = tested?.ok === false;
  return (
    <>
      <Trouble error={testing.error} />
      {tested && <Steps connection={tested} />}
      {failed && (
        <Text size="sm" c="dimmed">
          The source can be added all the same: until its connection works, its models cannot be read.
        </Text>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button
          variant={tested?.ok ? "default" : "filled"}
          leftSection={<IconPlugConnected size={16} />}
          loading={testing.isPending}
          onClick={() => isComplete() && testing.mutate(values)}
        >
          Test connection
        </Button>
        <Button variant={tested?.ok ? "filled" : "default"} onClick={() => isComplete() && onDone()}>
          {failed ? "Continue all the same" : "Continue"}
        </Button>
      </Group>
    </>
  );
}

function Authorising({ chosen, values, isComplete, onRefused, onBack, leaving }: Part) {
  const navigate = useNavigate();
  const { data, error } = useQuery(redirectUri);
  const authorising = useMutation({
    onError: onRefused,
    mutationFn: async () => {
      const taken = await queries.fetchQuery({ ...names("destinations"), staleTime: 0 });
      const slug = freeSlug(chosen.type, taken);
      await create("destinations", slug, chosen.settings, { type: chosen.type, ...values });
      const { url } = await bodyOf(api.POST("/api/v1/destinations/{slug}/connect", { params: { path: { slug } } }));
      leaving();
      if (url) window.location.assign(url);
      else await navigate({ to: "/$kind/$slug", params: { kind: "destinations", slug } });
    },
  });
  return (
    <>
      <Text size="sm" c="dimmed">
        The app that is registered at {chosen.title} sends browsers back to <Code>{data?.redirect_uri ?? "…"}</Code>: enter that there as its redirect URI.
      </Text>
      <Trouble error={error ?? authorising.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button leftSection={<IconExternalLink size={16} />} loading={authorising.isPending} onClick={() => isComplete() && authorising.mutate()}>
          Authorise at {chosen.title}
        </Button>
      </Group>
    </>
  );
}

function Finishing({ kind, chosen, values, onRefused, onBack, leaving }: Part) {
  const navigate = useNavigate();
  const { slug, title, inputs, refuse, isAboutName } = useNaming();
  const saving = useMutation({
    onMutate: () => refuse(null),
    onError: (error) => {
      refuse(error);
      onRefused(error);
    },
    mutationFn: () => create(kind, slug, chosen.settings, { type: chosen.type, ...values, ...title }),
    onSuccess: async () => {
      leaving();
      await queries.invalidateQueries();
      await navigate({ to: "/$kind/$slug", params: { kind, slug } });
    },
  });
  return (
    <Stack maw={720}>
      {inputs}
      {!isAboutName && <Trouble error={saving.error} />}
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
