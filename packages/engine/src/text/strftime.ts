const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** Python's `strftime` in the C locale, for the directives that chat templates use; others stay as they are. */
export function strftime(date: Date, format: string): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const month = MONTHS[date.getMonth()]!;
  const day = DAYS[date.getDay()]!;
  const directives: Record<string, string> = {
    "%Y": String(date.getFullYear()),
    "%y": two(date.getFullYear() % 100),
    "%m": two(date.getMonth() + 1),
    "%B": month,
    "%b": month.slice(0, 3),
    "%d": two(date.getDate()),
    "%-d": String(date.getDate()),
    "%A": day,
    "%a": day.slice(0, 3),
    "%H": two(date.getHours()),
    "%I": two(date.getHours() % 12 || 12),
    "%p": date.getHours() < 12 ? "AM" : "PM",
    "%M": two(date.getMinutes()),
    "%S": two(date.getSeconds()),
    "%%": "%",
  };
  return format.replace(/%-?[A-Za-z%]/g, (directive) => directives[directive] ?? directive);
}
