import { Group, TextInput } from "@mantine/core";
import { useState } from "react";

import { aboutName } from "../parts/problems";
import { slugOf } from "../parts/words";

/** A name and a slug as somebody wrote them; null where nobody has yet. */
export type Named = { name: string | null; slug: string | null };

export const NAMELESS: Named = { name: null, slug: null };

/** Return the slug that goes with a name. */
export const slugFor = ({ name, slug }: Named): string => slug ?? slugOf(name ?? "");

/** Return what a file says of its name: nothing where the slug says it already. */
export function titled(named: Named): { title?: string } {
  const title = (named.name ?? "").trim();
  return title === "" || title === slugFor(named) ? {} : { title };
}

/**
 * A name, and the slug that is proposed from it until somebody writes another one.
 *
 * @param kept where a page keeps both, and what changes them; else they last as long as the form.
 */
export function useNaming(kept?: [Named, (named: Named) => void]) {
  const [error, setError] = useState<unknown>(null);
  const own = useState(NAMELESS);
  const [named, set] = kept ?? own;
  const slug = slugFor(named);
  const inputs = (
    <Group grow align="flex-start">
      <TextInput label="Name" description="What people call it." inputWrapperOrder={["label", "input", "description", "error"]} required value={named.name ?? ""} onChange={(event) => set({ ...named, name: event.currentTarget.value })} />
      <TextInput
        label="Slug"
        description="The file's name, and how others refer to it."
        inputWrapperOrder={["label", "input", "description", "error"]}
        required
        value={slug}
        error={aboutName(error)}
        onChange={(event) => set({ ...named, slug: event.currentTarget.value })}
      />
    </Group>
  );
  /** Say what was refused: what is about the name stands at it. */
  return { slug, title: titled(named), inputs, refuse: setError, isAboutName: aboutName(error) !== undefined };
}
