import { Group, Stepper, Title, VisuallyHidden } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";

import { Trouble } from "./Trouble";

type Props = {
  steps: string[];
  step: number;
  onStep: (step: number) => void;
  /** What was refused, at this step or because of what it says. */
  error: unknown;
  /** How the paths of the files begin that are being added. */
  unwritten: string;
  /** What can be done at this step; it stays in sight however long the step is. */
  actions: ReactNode;
  children: ReactNode;
};

/** One step of adding something: whoever goes on to another begins at its heading. */
export function Wizard({ steps, step, onStep, error, unwritten, actions, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const seen = useRef(step);
  useEffect(() => {
    if (seen.current === step) return;
    seen.current = step;
    heading.current?.focus();
  }, [step]);
  const said = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error) said.current?.scrollIntoView({ block: "center" });
  }, [error]);
  return (
    <>
      <Stepper active={step} onStepClick={(chosen) => chosen < step && onStep(chosen)} size="sm" mb="lg">
        {steps.map((text) => (
          <Stepper.Step key={text} label={text} />
        ))}
      </Stepper>
      <VisuallyHidden aria-live="polite">{`Step ${step + 1} of ${steps.length}: ${steps[step]}`}</VisuallyHidden>
      <Title order={2} ref={heading} tabIndex={-1} mb="md" className="step">
        {steps[step]}
      </Title>
      <div ref={said} className="said">
        <Trouble error={error} unwritten={unwritten} />
      </div>
      {children}
      <Group justify="flex-end" className="actions">
        {actions}
      </Group>
    </>
  );
}
