import { describe, expect, test } from "vitest";
import { spanAsked, spansFor } from "./ranges.js";

test.each([
  { header: null, span: { start: 0, end: 100 } },
  { header: "bytes=0-0", span: { start: 0, end: 1 } },
  { header: "bytes=10-19", span: { start: 10, end: 20 } },
  { header: "bytes=90-", span: { start: 90, end: 100 } },
  { header: "bytes=90-500", span: { start: 90, end: 100 } },
  { header: "bytes=100-", span: undefined },
  { header: "bytes=-5", span: undefined },
  { header: "bytes=0-1,4-5", span: undefined },
])("$header of 100 bytes", ({ header, span }) => {
  expect(spanAsked(header, 100)).toEqual(span);
});

describe("spans that make another", () => {
  const span = (start: number, end: number) => ({ start, end });
  const atHand = [span(0, 1), span(0, 20), span(20, 40), span(50, 60)];

  test.each([
    { why: "one of them", asked: span(20, 40), found: [span(20, 40)] },
    { why: "a part of one, the longest", asked: span(0, 1), found: [span(0, 20)] },
    { why: "two that meet", asked: span(10, 35), found: [span(0, 20), span(20, 40)] },
    { why: "a gap", asked: span(30, 55), found: undefined },
    { why: "past the last", asked: span(55, 61), found: undefined },
  ])("$why", ({ asked, found }) => {
    expect(spansFor(asked, atHand)).toEqual(found);
  });
});
