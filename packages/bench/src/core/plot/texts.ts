/** What the picture says, in the reader's language. */
export interface PlotTexts {
  readonly title: string;
  /** Before the adapters' names, for those who hear the picture. */
  readonly on: string;
  readonly parameters: string;
  readonly rate: string;
  readonly bitsPerByte: string;
  readonly software: string;
  readonly legend: {
    readonly tg: string;
    readonly pp: string;
    readonly random: string;
    readonly peers: string;
    readonly reads: string;
    readonly arithmetic: string;
  };
}

export const ENGLISH: PlotTexts = {
  title: "Tokens per second against parameters",
  on: "on",
  parameters: "parameters",
  rate: "tokens/s",
  bitsPerByte: "bits per byte",
  software: "software adapter",
  legend: {
    tg: "writing (tg)",
    pp: "reading a prompt (pp)",
    random: "hollow: random weights in a named model's shape",
    peers: "other engines on the same weights: tg, pp",
    reads: "most that the adapter's measured reads allow tg",
    arithmetic: "most that its measured f32 rate allows pp",
  },
};
