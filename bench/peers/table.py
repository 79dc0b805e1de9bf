"""The one table, for a terminal and for Markdown, and what wins in it."""
import math

METRICS = (("mase", "MASE"), ("spl", "SPL"), ("mase_first", "MASE 1h"), ("spl_first", "SPL 1h"))
WIN = 0.99  # beats the default by more than 1 %


def cell(value, digits=3):
    return "-" if value is None or (isinstance(value, float) and not math.isfinite(value)) else f"{value:.{digits}f}"


def ratio(row, metric):
    found = row["ratios"].get(metric)
    if not found:
        return "-"
    value, error = found
    text = f"{value:.3f}" + (f"±{error:.3f}" if math.isfinite(error) else "")
    return text + ("*" if value < WIN else "")


HEADER = (["set", "model", "forecasts"] + [title for _, title in METRICS] + ["MASE÷default", "SPL÷default"]
          + [f"≤q{q}" for q in (50, 80, 90, 95, 99)] + ["CPU s", "ms each", "peak MB", "remarks"])


def cells(row):
    scores = row["scores"]
    out = [row["set"], row["model"], str(row["forecasts"]) if row["forecasts"] else "-"]
    for metric, _ in METRICS:
        first = metric.endswith("_first")
        out.append("" if first and not row["first_hour"] else cell(scores.get(metric)))
    out += ["1" if row["model"] == "forestage default" and scores else ratio(row, "mase"),
            "1" if row["model"] == "forestage default" and scores else ratio(row, "spl")]
    out += [cell(scores.get(f"coverage {q:g}")) for q in (0.5, 0.8, 0.9, 0.95, 0.99)]
    cpu = row["cpu_seconds"]
    out += [cell(cpu, 2), cell(1000 * cpu / row["forecasts"] if cpu is not None and row["forecasts"] else None, 1),
            cell(row["peak_mb"], 0), row["remarks"]]
    return out


def text_table(rows):
    lines = [HEADER] + [cells(r) for r in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADER))]
    left = {0, 1, len(HEADER) - 1}
    out, last = [], None
    for line in lines:
        if last is not None and line[0] != last:
            out.append("")
        last = line[0]
        out.append("  ".join(c.ljust(w) if i in left else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths))).rstrip())
    return "\n".join(out)


def markdown_table(rows):
    lines = ["| " + " | ".join(HEADER) + " |", "|" + "|".join("---" if i in (0, 1, len(HEADER) - 1) else "---:"
                                                              for i in range(len(HEADER))) + "|"]
    lines += ["| " + " | ".join(cells(r)) + " |" for r in rows]
    return "\n".join(lines)


def wins(rows):
    """A line for every model and metric that beats the default by more than 1 %, the largest first."""
    found = []
    for row in rows:
        for metric, title in METRICS:
            if metric.endswith("_first") and not row["first_hour"]:
                continue
            pair = row["ratios"].get(metric)
            if pair and pair[0] < WIN:
                sure = " (within twice its standard error of 1)" if math.isfinite(pair[1]) and pair[0] + 2 * pair[1] >= 1 else ""
                found.append((pair[0], f"{row['set']}: {row['model']} has {title} {pair[0]:.3f} of the default's{sure}"))
    return [line for _, line in sorted(found)]
