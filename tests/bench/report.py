# SPDX-License-Identifier: GPL-2.0
"""What tests/bench/run measured, as JSON, as tables and in documents.

  report.py add RESULTS KERNEL RELEASE PART LINES    add the lines of tests/bench/guest to RESULTS
  report.py table RESULTS KERNEL PART                print a part for people
  report.py documents RESULTS FILE...                write the blocks of these files anew

RESULTS is described by schema.json. Every number that is printed comes from there. A block of a
document is what lies between a line BEGIN with its name and the next line END, both as below.
"""
import json
import re
import statistics
import sys

BEGIN = "<!-- tests/bench/report.py writes this, do not edit: {} -->"
END = "<!-- end -->"

OTHERS = "others"
WORKLOADS = ["write", "read", "file", "cow", "thp", "fork"]
SHARED = {
    ("1mm", "stores"): "stores, one mm",
    ("1mm", "loads"): "loads, one mm",
    ("4mm", "stores"): "stores, 4 mms",
    ("4mm", "loads"): "loads, 4 mms",
}
PEERS = {
    "empty-ftrace": "empty ftrace_ops",
    "empty-kprobe": "empty kprobe",
    "empty-kretprobe": "empty kretprobe",
    "empty-fprobe": "empty fprobe",
    "perf-stat": "perf stat, three fault counters",
    "perf-record": "perf record -c 1",
    "perf-record-g": "perf record -c 1 -g",
    "perf-trace": "perf trace -F all",
    "bpftrace-count": "bpftrace, count by process",
    "bpftrace-fentry": "bpftrace, histogram by fentry and fexit",
    "bpftrace-kprobe": "bpftrace, histogram by kprobe and kretprobe",
    "systemtap-count": "SystemTap, count by process",
}
# What is done while the part irqsoff counts.
SECTIONS = {
    "fork": "a fork whose child takes faults and exits",
    "pid": "reading /proc/vmtrace/<pid>",
    "total": "reading /proc/vmtrace/total",
    "summary": "reading /proc/vmtrace/summary",
    **{topic: f"asking {topic} in debugfs" for topic in ("threads", "latency", "slowest", "failures", "maps", "walk")},
    "enabled": "switching the hook off and on",
    "end": "the exit of the process",
    "load": "loading the module",
    "unload": "unloading it",
}
LATENCIES = {
    "none entry": "fork, to the child's first instruction",
    "none command": "a program that does nothing",
    "vmtrace load": "loading the module",
    "vmtrace entry": "fork, to that instruction, with the module: /proc/vmtrace/<pid> is there",
    "vmtrace unload": "unloading it",
    "tool version": "vmtrace version",
    "tool show": "vmtrace show 1",
    "tool stat": "vmtrace stat, of the program that does nothing",
}
# Threads, processes or mappings with which the many are compared there.
FEW = 100
# In the order in which hook=auto tries them.
HOOKS = ["returns", "kretprobe"]
MODES = {
    "full": "",
    "event": ", trace event recorded",
    "off": ", enabled=0",
}


def title(subject):
    """A tracer's name for people."""
    found = re.fullmatch(r"vmtrace-(.*)-(\w+)", subject)
    if found:
        return f"vmtrace, {found[1]}{MODES.get(found[2], ', ' + found[2])}"
    return PEERS.get(subject, subject)


def summary_of(values):
    return {
        "median": round(statistics.median(values), 1),
        "low": round(min(values), 1),
        "high": round(max(values), 1),
    }


# From lines to JSON

def samples_of(lines):
    """(subject, workload, n) -> its samples (round, units, total, own), in order of appearance."""
    samples = {}
    for words in lines:
        if words[0] == "sample":
            samples.setdefault((words[1], words[2], int(words[3])), []).append([int(w) for w in words[4:8]])
    return samples


def measurement(key, samples):
    subject, workload, n = key
    per_unit = workload in WORKLOADS
    scale = [s[1] if per_unit else 1 for s in samples]
    return {
        "subject": subject, "workload": workload, "n": n, "samples": len(samples),
        "program": summary_of([s[3] / k for s, k in zip(samples, scale)]),
        "machine": summary_of([s[2] / k for s, k in zip(samples, scale)]),
    }


def throughputs(samples):
    """round -> faults per tick, of all threads together."""
    rates = {}
    for number, units, total, _ in samples:
        rates[number] = rates.get(number, 0) + units / total
    return rates


def ratio(key, samples, baseline):
    """Each round is compared with what was measured without a tracer in that round."""
    subject, workload, n = key
    mine, theirs = throughputs(samples), throughputs(baseline)
    slower = [theirs[r] / mine[r] for r in mine if r in theirs]
    return {
        "subject": subject, "workload": workload, "n": n, "samples": len(slower),
        "slower": {k: round(f(slower), 3) for k, f in
                   (("median", statistics.median), ("low", min), ("high", max))},
    }


def part_of(part, lines):
    samples = samples_of(lines)
    result = {
        "measurements": [],
        "ratios": [],
        "values": [
            {"subject": w[1], "name": w[2], "n": int(w[3]), "value": int(w[4])}
            for w in lines if w[0] == "value"
        ],
        "skipped": [{"subject": w[1], "reason": " ".join(w[2:])} for w in lines if w[0] == "skip"],
    }
    if part == "profile":
        result["functions"] = [
            {"subject": w[1], "workload": w[2], "function": " ".join(w[4:]), "added": float(w[3])}
            for w in lines if w[0] == "function"
        ]
    if part == "sharing":
        result["shared"] = [
            {"subject": w[1], "workload": w[2], "function": " ".join(w[5:]), "stores": float(w[3]), "loads": float(w[4])}
            for w in lines if w[0] == "shared"
        ]
        # Its time is that of CPUs in turn.
        return result
    if part == "irqsoff":
        result["sections"] = [
            {"subject": w[1], "workload": w[2], "n": int(w[3]), "of": w[4], "longest": int(w[5]), "functions": " ".join(w[6:])}
            for w in lines if w[0] == "section"
        ]
        return result
    for key, values in samples.items():
        if part != "contention":
            result["measurements"].append(measurement(key, values))
        elif key[0] != "none":
            result["ratios"].append(ratio(key, values, samples[("none",) + key[1:]]))
    return result


def text_of(value, indent=0):
    """JSON with an object or list to a line, if it fits one."""
    text = json.dumps(value)
    if len(text) <= 250 or not isinstance(value, (dict, list)):
        return text
    inner = " " * (indent + 1)
    if isinstance(value, dict):
        parts = [f"{inner}{json.dumps(k)}: {text_of(v, indent + 1)}" for k, v in value.items()]
    else:
        parts = [inner + text_of(v, indent + 1) for v in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return first + "\n" + ",\n".join(parts) + "\n" + " " * indent + last


def load(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {"format": 1, "kernels": []}


def add(path, name, release, part, lines_path):
    results = load(path)
    with open(lines_path, encoding="utf-8") as file:
        lines = [line.split() for line in file if line.strip()]
    kernel = next((k for k in results["kernels"] if k["kernel"] == name), None)
    if not kernel:
        kernel = {"kernel": name, "release": release, "parts": {}}
        results["kernels"].append(kernel)
    kernel["release"] = release
    kernel["parts"][part] = part_of(part, lines)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text_of(results) + "\n")


# Look-up

def clock(workload, of):
    """What is added to a huge page is less than the scheduler's clock is wrong by."""
    return "machine" if workload == "thp" else of


class Part:
    """One part of one kernel's results."""

    def __init__(self, kernel, part):
        self.data = kernel["parts"].get(part, {"measurements": [], "ratios": [], "values": [], "skipped": []})

    def subjects(self):
        measured = self.data["measurements"] + self.data["ratios"] + self.data.get("shared", [])
        return list(dict.fromkeys(m["subject"] for m in measured))

    def find(self, subject, workload, n=0, kind="measurements"):
        for m in self.data[kind]:
            if (m["subject"], m["workload"], m["n"]) == (subject, workload, n):
                return m
        return None

    def median(self, subject, workload, n=0, of="program"):
        m = self.find(subject, workload, n)
        return m[clock(workload, of)]["median"] if m else None

    def adds(self, subject, workload, of="program"):
        mine, bare = self.median(subject, workload, of=of), self.median("none", workload, of=of)
        return None if mine is None or bare is None else mine - bare

    def spread(self, subject, workload, of="program"):
        """Half of what lies between the highest and the lowest sample."""
        m = self.find(subject, workload)
        of = clock(workload, of)
        return None if not m else (m[of]["high"] - m[of]["low"]) / 2

    def value(self, subject, name, n):
        for v in self.data["values"]:
            if (v["subject"], v["name"], v["n"]) == (subject, name, n):
                return v["value"]
        return None

    def numbers(self, subject):
        return sorted({v["n"] for v in self.data["values"] if v["subject"] == subject})

    def functions(self, subject, least):
        """function -> workload -> what it adds; those that add less to each are among the others."""
        found, kept = {}, {}
        for f in self.data.get("functions", []):
            if f["subject"] == subject:
                found.setdefault(f["function"], {})[f["workload"]] = f["added"]
        for function, added in found.items():
            small = function == OTHERS or max(map(abs, added.values())) < least
            sums = kept.setdefault(OTHERS if small else function, {})
            for workload, value in added.items():
                sums[workload] = sums.get(workload, 0) + value
        return kept

    def shared(self, subject, least):
        """function -> its accesses, as SHARED; likewise."""
        found, kept = {}, {}
        for f in self.data.get("shared", []):
            if f["subject"] == subject:
                for kind in ("stores", "loads"):
                    found.setdefault(f["function"], dict.fromkeys(SHARED, 0))[f["workload"], kind] = f[kind]
        for function, accesses in found.items():
            small = function == OTHERS or max(map(abs, accesses.values())) < least
            sums = kept.setdefault(OTHERS if small else function, dict.fromkeys(SHARED, 0))
            for key, value in accesses.items():
                sums[key] += value
        return kept

    def longest(self, of, **wanted):
        """The longest section "of" something, as in schema.json, with these keys; None: there is none with them."""
        found = [s["longest"] for s in self.data.get("sections", [])
                 if s["of"] == of and all(s[key] == value for key, value in wanted.items())]
        return max(found, default=None)

    def populations(self):
        """[(kind, n)] of the sections, in order of appearance."""
        return list(dict.fromkeys((s["subject"], s["n"]) for s in self.data.get("sections", [])))

    def skipped(self):
        return [(s["subject"], s["reason"]) for s in self.data["skipped"]]

    def bytes_each(self, subject, n):
        """What each of N takes: the rest is there without them."""
        zero, many = self.value(subject, "bytes", 0), self.value(subject, "bytes", n)
        return (many - zero) / n if n and zero is not None and many is not None else None


def number(value, signed=False):
    if value is None:
        return ""
    value = round(value) or 0
    return f"{value:+,}" if signed else f"{value:,}"


def tenths(value):
    return f"{value:,.1f}" if value is not None and round(value, 1) else ""


def hundredths(value, signed):
    # No -0.00.
    value = round(value, 2) + 0.0
    return f"{value:+,.2f}" if signed and value else f"{value:,.2f}"


# Tables for people

def columns(rows):
    """The first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths))).rstrip()


def cost_rows(part, of):
    rows = [[""] + WORKLOADS]
    for subject in part.subjects():
        cells = [title(subject)]
        for w in WORKLOADS:
            value = part.median(subject, w, of=of) if subject == "none" else part.adds(subject, w, of)
            spread = part.spread(subject, w, of)
            cells.append("" if value is None else f"{number(value, subject != 'none')} ±{number(spread)}")
        rows.append(cells)
    return rows


def print_cost(part):
    print("instructions for a fault (fork: for a fork), medians ± half the spread; below the first")
    print("line, what is added")
    for of, text in (("program", "paid by the program that faults (thp: as below)"), ("machine", "with what else runs meanwhile")):
        print(f"\n{text}:")
        print("\n".join(columns(cost_rows(part, of))))


def profile_rows(part, subject, least, name_of=str):
    """A function a line, the sum, and what the guest's own counter says in the same run."""
    rows, everything = [[title(subject), "read", "write"]], part.functions(subject, 0)

    def line(name, value):
        rows.append([name] + [tenths(value(w)) for w in rows[0][1:]])

    for function, added in sorted(part.functions(subject, least).items(), key=lambda f: (f[0] == OTHERS, -f[1].get("read", 0))):
        line(name_of(function), added.get)
    line("sum", lambda w: sum(a.get(w, 0) for a in everything.values()))
    line("of it in vmtrace", lambda w: sum(a.get(w, 0) for f, a in everything.items() if f.endswith("[vmtrace]")))
    line("the guest's counter", lambda w: part.adds(subject, w, of="machine"))
    line("of it the program's", lambda w: part.adds(subject, w))
    return rows


def print_profile(part):
    print("instructions that a function takes more for a fault than without; below their sum what a")
    print("program in the guest reads of its CPU's counter, and what of it the part cost tells")
    for subject in part.subjects():
        if subject != "none":
            print()
            print("\n".join(columns(profile_rows(part, subject, 0.5))))


def sharing_rows(part, prefix, quote):
    """A tracer a line, and below it the functions that this is of."""
    rows = [["of a fault"] + list(SHARED.values())]
    for subject in part.subjects():
        def line(name, values):
            rows.append([name] + [hundredths(v, subject != "none") for v in values])

        everything = part.shared(subject, 0).values()
        line(title(subject), [sum(accesses[key] for accesses in everything) for key in SHARED])
        functions = part.shared(subject, 0.05).items()
        for function, accesses in sorted(functions, key=lambda f: (f[0] == OTHERS, -sum(f[1].values()))):
            line(prefix + (function if function == OTHERS else quote + function + quote), accesses.values())
        if subject.startswith("vmtrace"):
            mine = [accesses for function, accesses in part.shared(subject, 0).items() if function.endswith("[vmtrace]")]
            line(prefix + "of it in vmtrace", [sum(accesses[key] for accesses in mine) for key in SHARED])
    return rows


def print_sharing(part):
    print("accesses to cache lines that other CPUs write, and stores to those that they load; below")
    print("the first tracer, which is none, what is added")
    print("\n".join(columns(sharing_rows(part, "  ", ""))))


def irqsoff_rows(part):
    """A line for what is done, a column for each population."""
    populations = part.populations()
    rows = [[""] + [f"{number(n)} {kind}" for kind, n in populations]]

    def line(name, of, **wanted):
        values = [part.longest(of, subject=kind, n=n, **wanted) for kind, n in populations]
        if any(value is not None for value in values):
            rows.append([name] + [number(value) for value in values])

    for workload, name in SECTIONS.items():
        line(name, "vmtrace", workload=workload)
        line("- without vmtrace", "none", workload=workload)
    line("the longest of the kernel, with vmtrace", "all")
    line("- without vmtrace", "none")
    return rows


def print_irqsoff(part):
    print("instructions of the longest section with interrupts off in which something of vmtrace ran;")
    print("for what there is without vmtrace, too, also the longest of all without it")
    print("\n".join(columns(irqsoff_rows(part))))
    print("\nfunctions of vmtrace that were part of the longest:")
    for workload, name in SECTIONS.items():
        found = [s for s in part.data.get("sections", []) if s["of"] == "vmtrace" and s["workload"] == workload]
        if found:
            s = max(found, key=lambda s: s["longest"])
            print(f"{name}, {number(s['n'])} {s['subject']}: {s['functions']}")


def scale_rows(part):
    for kind in ("threads", "processes", "bounded"):
        memory = "bytes" if kind == "bounded" else "bytes each"
        rows = [[kind, "tracked", "dropped", memory, "fork", "without", "summary", "total", "one pid", "load", "unload"]]
        for n in part.numbers(kind):
            name = "processes" if kind == "processes" else "threads"
            # Bounded, also what has exited is dropped: nothing is there as without those threads.
            each = part.value(kind, "bytes", n) if kind == "bounded" else part.bytes_each(kind, n)
            rows.append([
                number(n), number(part.value(kind, name, n)), number(part.value(kind, "dropped", n)),
                number(each), number(part.median(kind, "fork", n, "machine")),
                number(part.median(kind + "-off", "fork", n, "machine")),
                *(number(part.median(kind, w, n, "machine")) for w in ("summary", "total", "pid", "load", "unload")),
            ])
        yield rows


def print_scale(part):
    print("instructions, and bytes of the kernel's memory; bounded: threads with max_threads=1000")
    for rows in scale_rows(part):
        print()
        print("\n".join(columns(rows)))


def latency_rows(part):
    rows = [["", "program", "until it is over"]]
    for m in part.data["measurements"]:
        name = f"{m['subject']} {m['workload']}"
        rows.append([LATENCIES.get(name, name), number(m["program"]["median"]), number(m["machine"]["median"])])
    return rows


def print_latency(part):
    print("instructions, and ns of the guest's time, which waiting takes too")
    print("\n".join(columns(latency_rows(part))))


def contention_rows(part):
    rows = [["slower than without", "1 CPU", "4 CPUs, one mm", "4 CPUs, 4 mms"]]
    for subject in part.subjects():
        cells = [title(subject)]
        for key in (("1mm", 1), ("1mm", 4), ("4mm", 4)):
            m = part.find(subject, *key, kind="ratios")
            cells.append("" if not m else "{median:.2f} ({low:.2f}-{high:.2f})".format(**m["slower"]))
        rows.append(cells)
    return rows


def print_contention(part):
    print("read faults: time a fault takes, as a ratio; medians (lowest-highest) of rounds in turn")
    print("\n".join(columns(contention_rows(part))))


def table(path, name, part_name):
    for kernel in load(path)["kernels"]:
        if kernel["kernel"] != name:
            continue
        part = Part(kernel, part_name)
        print(f"\n{name} ({kernel['release']}), {part_name}: ", end="")
        globals()["print_" + part_name](part)
        for subject, reason in part.skipped():
            print(f"not run: {title(subject)}: {reason}")


# Documents

def markdown(rows):
    yield "| " + " | ".join(rows[0]) + " |"
    yield "| " + " | ".join("---" if i == 0 else "---:" for i in range(len(rows[0]))) + " |"
    for row in rows[1:]:
        yield "| " + " | ".join(row) + " |"


def with_part(kernels, part):
    """[(name, Part)] of the kernels on which that part was measured."""
    return [(k["kernel"], Part(k, part)) for k in kernels if part in k["parts"]]


def default_hook(part):
    """The hook that hook=auto chooses on that kernel; None if none was measured."""
    return next((h for h in HOOKS if f"vmtrace-{h}-full" in part.subjects()), None)


# What README.md and the chart show, X -> its name there. Of vmtrace, the default hook alone.
SUMMARY = {
    "empty-kretprobe": "empty kretprobe",
    "vmtrace-full": "vmtrace",
    "vmtrace-event": "vmtrace, trace event recorded",
    "vmtrace-off": "vmtrace, enabled=0",
    "perf-stat": PEERS["perf-stat"],
    "perf-record": PEERS["perf-record"],
    "perf-trace": PEERS["perf-trace"],
    "bpftrace-count": PEERS["bpftrace-count"],
    "bpftrace-fentry": PEERS["bpftrace-fentry"],
    "bpftrace-kprobe": PEERS["bpftrace-kprobe"],
}


def summary_rows(kernels):
    """A row for each tracer, its name first; then what it adds on each kernel, None where it did not run."""
    parts = with_part(kernels, "cost")
    for subject, name in SUMMARY.items():
        def full(part):
            return subject.replace("vmtrace-", f"vmtrace-{default_hook(part)}-")
        yield [name] + [part.adds(full(part), "read") for _, part in parts]


def block_summary(kernels):
    parts = with_part(kernels, "cost")
    if not parts:
        return
    rows = [["instructions"] + [name for name, _ in parts],
            ["the fault alone"] + [number(p.median("none", "read")) for _, p in parts]]
    rows += [[row[0]] + [number(value, True) or "-" for value in row[1:]] for row in summary_rows(kernels)]
    yield from markdown(rows)
    name, part = parts[0]
    fork, more = part.median("none", "fork"), part.adds(f"vmtrace-{default_hook(part)}-full", "fork")
    if fork and more is not None:
        yield ""
        yield f"On {name}, a fork whose child writes to some pages takes {number(fork)} instructions, and {number(more)} more"
        yield f"({100 * more / fork:.0f} %) with vmtrace."


def block_memory(kernels):
    """From /proc/vmtrace/summary, where vmtrace was measured with many threads."""
    for name, part in with_part(kernels, "scale"):
        sizes = [part.value("module", f"{what}_bytes", 0) for what in ("task", "thread", "times", "process")]
        if None in sizes:
            continue
        task, thread, times, process = map(number, sizes)
        yield f"Memory on {name}: a thread {task} bytes (`task_bytes`), one that took a fault {thread} more (`thread_bytes`)"
        yield f"and {times} for each class of its faults (`times_bytes`); a process {process} (`process_bytes`)."
        return


def block_longest(kernels):
    """Without the exit of a process, where the kernel's own section grows: see the table."""
    for name, part in with_part(kernels, "irqsoff")[:1]:
        own = [s for s in part.data["sections"] if s["of"] == "vmtrace" and s["workload"] != "end"]
        few, many = (max(s["longest"] for s in own if (s["n"] == FEW) == is_few) for is_few in (True, False))
        populations = [f"{number(n)} {kind}" for kind, n in part.populations() if n != FEW]
        yield f"On {name}, the longest section with interrupts off that vmtrace adds has {number(many)} instructions with"
        yield f"{' or '.join(populations)}, and {number(few)} with {FEW} of each."


def block_cost(kernels):
    """A line for each tracer, a column for each kernel: what it adds to a read fault."""
    parts = with_part(kernels, "cost")
    if not parts:
        return
    subjects = list(dict.fromkeys(s for _, p in parts for s in p.subjects() if s != "none"))
    subjects += [s for _, p in parts for s, _ in p.skipped() if s not in subjects and s != "guest"]
    order = ["empty", "vmtrace", "perf", "bpftrace", "systemtap"]
    subjects = sorted(dict.fromkeys(subjects), key=lambda s: order.index(s.split("-")[0]))
    rows = [["added to a read fault"] + [name for name, _ in parts],
            ["the fault alone"] + [number(p.median("none", "read")) for _, p in parts]]
    for s in subjects:
        rows.append([title(s)] + [number(p.adds(s, "read"), True) or "-" for _, p in parts])
    yield from markdown(rows)
    reasons = {}
    for name, part in parts:
        for subject, reason in part.skipped():
            reasons.setdefault((title(subject), reason), []).append(name)
    if reasons:
        yield ""
        yield "Not run:"
        yield ""
    for (subject, reason), names in reasons.items():
        yield f"- {subject} on {', '.join(names)}: {reason}"


def block_kinds(kernels):
    for name, part in with_part(kernels, "cost"):
        rows = [[f"added on {name}"] + WORKLOADS, ["nothing"] + [number(part.median("none", w)) for w in WORKLOADS]]
        for s in part.subjects():
            if s != "none":
                rows.append([title(s)] + [number(part.adds(s, w), True) for w in WORKLOADS])
        yield from markdown(rows)
        return


def block_profile(kernels):
    for name, part in with_part(kernels, "profile"):
        subject = f"vmtrace-{default_hook(part)}-full"
        if subject not in part.subjects():
            continue
        rows = profile_rows(part, subject, 1, lambda f: f if f == OTHERS else f"`{f}`")
        rows[0][0] += f" on {name}"
        yield from markdown(rows)
        return


def block_sharing(kernels):
    parts = with_part(kernels, "sharing")
    if parts:
        name, part = parts[0]
        rows = sharing_rows(part, "- ", "`")
        rows[0][0] = name
        yield from markdown(rows)
    if len(parts) > 1:
        yield ""
        yield "Stores, one mm / 4 mms, on all kernels (`-`: did not run there):"
        yield ""
        yield from markdown(stores_rows(parts))


def stores_rows(parts):
    rows = [[""] + [name for name, _ in parts]]
    for subject in dict.fromkeys(s for _, part in parts for s in part.subjects()):
        cells = []
        for _, part in parts:
            everything = part.shared(subject, 0).values()
            sums = [sum(accesses[key] for accesses in everything) for key in SHARED if key[1] == "stores"]
            cells.append(" / ".join(hundredths(s, subject != "none") for s in sums) if everything else "-")
        rows.append([title(subject)] + cells)
    return rows


def block_irqsoff(kernels):
    for i, (name, part) in enumerate(with_part(kernels, "irqsoff")):
        rows = [[cell.replace("<", "\\<") for cell in row] for row in irqsoff_rows(part)]
        rows[0][0] = name
        if i:
            yield ""
        yield from markdown(rows)


def block_scale(kernels):
    for name, part in with_part(kernels, "scale"):
        yield f"On {name}, in instructions:"
        for rows in scale_rows(part):
            if len(rows) > 1:
                yield ""
                yield from markdown(rows)
        each = [number(per_one(part, kind)) for kind in ("threads", "processes")]
        if all(each):
            yield ""
            yield f"To read `total` takes {each[0]} instructions for each thread, and {each[1]} for each process."
        return


def per_one(part, kind):
    """What reading the total takes for each of them: the rest is there without them."""
    most = max(part.numbers(kind), default=0)
    few, many = (part.median(kind, "total", n, "machine") for n in (0, most))
    return (many - few) / most if most and few is not None and many is not None else None


def block_latency(kernels):
    for name, part in with_part(kernels, "latency"):
        rows = [[cell.replace("<", "\\<") for cell in row] for row in latency_rows(part)]
        rows[0][0] = f"on {name}"
        yield from markdown(rows)
        return


def block_contention(kernels):
    for i, (name, part) in enumerate(with_part(kernels, "contention")):
        rows = contention_rows(part)
        rows[0][0] = f"{name}: slower than without"
        if i:
            yield ""
        yield from markdown(rows)
        for _, reason in part.skipped():
            yield ""
            yield f"Not run: {reason}"


BLOCKS = {name[len("block_"):]: made for name, made in list(globals().items()) if name.startswith("block_")}


def rewritten(text, path, kernels):
    """The text with its blocks anew."""
    parts = re.split(r"^" + re.escape(BEGIN).replace(r"\{\}", "(.*)") + r"\n", text, flags=re.MULTILINE)
    result = parts[0]
    if len(parts) == 1:
        sys.exit(f"{path}: no line '{BEGIN.format('NAME')}'")
    for name, rest in zip(parts[1::2], parts[2::2]):
        if name not in BLOCKS:
            sys.exit(f"{path}: unknown block '{name}': want one of {', '.join(BLOCKS)}")
        _, end, after = rest.partition(END + "\n")
        if not end:
            sys.exit(f"{path}: the block '{name}' has no line '{END}'")
        lines = list(BLOCKS[name](kernels))
        result += "\n".join([BEGIN.format(name)] + ([""] + lines + [""] if lines else []) + [END]) + "\n" + after
    return result


def documents(path, *document_paths):
    kernels = load(path)["kernels"]
    for document_path in document_paths:
        with open(document_path, encoding="utf-8") as file:
            text = rewritten(file.read(), document_path, kernels)
        with open(document_path, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    VERBS = {"add": add, "table": table, "documents": documents}
    if len(sys.argv) < 2 or sys.argv[1] not in VERBS:
        sys.exit(__doc__)
    VERBS[sys.argv[1]](*sys.argv[2:])
