import { Group, TextInput } from "@mantine/core";
import { useState } from "react";

import { aboutName } from "../parts/problems";
import { slugOf } from "../parts/words";

/** A name, and the slug that is proposed from it until somebody writes another one; a name may be proposed as well. */
export function useNaming(proposed = "") {
  const [error, setError] = useState<unknown>(null);
  const [written, setName] = useState<string | null>(null);
  const [said, setSlug] = useState<string | null>(null);
  const name = written ?? proposed;
  const slug = said ?? slugOf(name);
  const inputs = (
    <Group grow align="flex-start">
      <TextInput label="Name" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput
        label="Slug"
        description="The file's name, and how others refer to it."
        inputWrapperOrder={["label", "input", "description", "error"]}
        required
        value={slug}
        error={aboutName(error)}
        onChange={(event) => setSlug(event.currentTarget.value)}
      />
    </Group>
  );
  /** Say what was refused: what is about the name stands at it. */
  return { slug, inputs, refuse: setError, isAboutName: aboutName(error) !== undefined };
}
