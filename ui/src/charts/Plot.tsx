import "uplot/dist/uPlot.min.css";

import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";

/** Colours of the theme, as a canvas needs them. */
export type Colours = { text: string; line: string; good: string; bad: string; busy: string; soft: string };

type Props = { data: uPlot.AlignedData; height: number; options: (colours: Colours) => Omit<uPlot.Options, "width" | "height"> };

/** A chart as wide as its place. It is drawn: what it says stands in a table beside it. */
export default function Plot({ data, height, options }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");
  useEffect(() => {
    const element = place.current!;
    const plot = new uPlot({ ...options(coloursOf(element)), width: element.clientWidth, height }, data, element);
    const watching = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    watching.observe(element);
    return () => {
      watching.disconnect();
      plot.destroy();
    };
  }, [data, height, options, scheme]);
  return <div ref={place} className="plot" aria-hidden />;
}

function coloursOf(element: HTMLElement): Colours {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(`--mantine-color-${name}`).trim();
  return {
    text: colour("dimmed"),
    line: style.getPropertyValue("--bw-line").trim(),
    good: colour("teal-6"),
    bad: colour("red-6"),
    busy: colour("ink-6"),
    soft: colour("yellow-6"),
  };
}
