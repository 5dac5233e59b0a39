/** Texts with tags around what matches: whole, or as a snippet around the first match. */

export type Tags = readonly [string, string];

/** Puts tags around ranges of a text. */
export function mark(text: string, ranges: number[][], [before, after]: Tags): string {
  let [marked, at] = ["", 0];
  for (const [start = 0, end = 0] of ranges) {
    marked += text.slice(at, start) + before + text.slice(start, end) + after;
    at = end;
  }
  return marked + text.slice(at);
}

/** So many words of a text around the first match, or from its beginning, with tags; `ellipsis` stands for what is left out. */
export function snippet(text: string, ranges: number[][], words: number, tags: Tags, ellipsis: string): string {
  const all = [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({ start: index, end: index + word.length }));
  if (all.length <= words) return mark(text, ranges, tags);
  const [first = 0] = ranges[0] ?? [];
  const match = Math.max(all.findIndex(({ end }) => end > first), 0);
  const from = Math.min(Math.max(match - Math.floor(words / 2), 0), all.length - words);
  const [start, end] = [all[from]?.start ?? 0, all[from + words - 1]?.end ?? text.length];
  const inside = ranges.filter(([begin = 0, stop = 0]) => begin >= start && stop <= end).map((range) => range.map((at) => at - start));
  return (from > 0 ? ellipsis : "") + mark(text.slice(start, end), inside, tags) + (from + words < all.length ? ellipsis : "");
}
