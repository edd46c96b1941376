/** Colours of one theme. */
export interface Paint {
  readonly paper: string;
  readonly ink: string;
  readonly soft: string;
  readonly frame: string;
  readonly grid: string;
  /** Of the adapters: Okabe and Ito's colours, which colour-blind readers tell apart, the clearest on this paper first. */
  readonly series: readonly string[];
}

export const PAINTS: Readonly<Record<"light" | "dark", Paint>> = {
  light: {
    paper: "#fff",
    ink: "#222",
    soft: "#555",
    frame: "#999",
    grid: "#e8e8e8",
    series: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"],
  },
  dark: {
    paper: "#1b1a18",
    ink: "#eee",
    soft: "#bbb",
    frame: "#777",
    grid: "#35342f",
    series: ["#56b4e9", "#e69f00", "#009e73", "#f0e442", "#cc79a7", "#d55e00"],
  },
};

/** The colour of the run with this number. */
export function colourOf(index: number, { series }: Paint): string {
  return series[index % series.length]!;
}
