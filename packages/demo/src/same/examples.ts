/** Texts to begin with. The pair was trained on English; the others show what that means. */
export const EXAMPLES = {
  prose:
    "The moon moves around the Earth because gravity keeps pulling it back, although it never stops falling past it.",
  code: "def area(radius):\n    return 3.14159 * radius ** 2\n\nprint(area(2))\n",
  french: "« Où est passé l’été ? » demanda-t-elle, un peu déçue.",
} as const;

export const EXAMPLE_NAMES = Object.keys(EXAMPLES) as readonly (keyof typeof EXAMPLES)[];
