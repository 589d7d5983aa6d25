# SPDX-License-Identifier: GPL-2.0
"""Where a fault's instructions go, where it meets other CPUs, and where interrupts are off: from
what the plugins profile.c, sharing.c and irqsoff.c counted to functions.

  symbols.py profile LINES COUNTS        lines for report.py: what each function takes more than
                                         without a tracer, for each fault
  symbols.py annotate LINES COUNTS OBJDUMP MODULE.ko FUNCTION
                                         that function's instructions, and how often a fault
                                         executes each
  symbols.py sharing LINES COUNTS        lines for report.py: how often each function accesses
                                         what CPUs share; without a tracer, and what is added by one
  symbols.py irqsoff LINES COUNTS        lines for report.py: the longest section with interrupts
                                         off in which something of vmtrace ran, and of all; and
                                         of all without vmtrace

LINES are those of tests/bench/guest for that part, COUNTS what the plugin wrote: a window for
each of their samples, in the same order. In a profile, of several samples of one thing that with
the median total stands for all: what else ran meanwhile, the timer above all, is not the same in
each. Of sections the longest of all samples counts.
"""
import bisect
import collections
import re
import subprocess
import sys

# What is less is summed up.
LEAST = 0.05
LEAST_SHARED = 0.005
# Of an instruction, in bytes.
LONGEST = 16


def windows_of(path, empty, put):
    """The words of each window's lines, put into one that is empty at first."""
    windows = []
    with open(path, encoding="ascii") as file:
        for line in file:
            if line == "window\n":
                windows.append(empty())
            else:
                put(windows[-1], line.split())
    return windows


def put_times(window, words):
    """address -> how often it was executed."""
    window[int(words[0], 16)] += int(words[1])


def put_access(window, words):
    """For each shared line: [(address of the instruction, CPU, stores, loads)]."""
    if words[0] == "line":
        window.append([])
    else:
        window[-1].append((int(words[0], 16), *map(int, words[1:])))


class Symbols:
    """What is where while a tracer is there."""

    def __init__(self, pairs):
        # Of names for one address the first: what kallsyms has behind it are aliases.
        self.names = {}
        for address, name in pairs:
            if not name.startswith(("$", ".L")):
                self.names.setdefault(address, name.replace("[", " [", 1))
        self.addresses = sorted(self.names)

    def find(self, address):
        """(function, offset)"""
        i = bisect.bisect_right(self.addresses, address) - 1
        return ("?", address) if i < 0 else (self.names[self.addresses[i]], address - self.addresses[i])


class Guest:
    """What it told: samples, and what is where."""

    def __init__(self, path):
        self.samples, pairs = [], {}
        with open(path, encoding="utf-8") as file:
            for words in map(str.split, file):
                if words and words[0] == "sample":
                    self.samples.append(((words[1], words[2]), int(words[5]), int(words[6])))
                elif words and words[0] == "symbol":
                    pairs.setdefault(words[1], []).append((int(words[2], 16), words[3]))
        # What the kernel alone has is told once.
        self.symbols = {s: Symbols(pairs["none"] + (pairs[s] if s != "none" else [])) for s in pairs}
        self.path = path

    def check(self, path, windows):
        if not self.samples or len(self.samples) != len(windows):
            sys.exit(f"{path}: {len(windows)} windows for {len(self.samples)} samples of {self.path}: measure again")


class Profile:
    """(subject, workload) -> (function, offset) -> executions for each fault."""

    def __init__(self, lines_path, counts_path):
        guest = Guest(lines_path)
        windows = windows_of(counts_path, collections.Counter, put_times)
        guest.check(counts_path, windows)
        measured, self.counts = {}, {}
        for (key, faults, total), window in zip(guest.samples, windows):
            measured.setdefault(key, []).append((total / faults, faults, window))
        for key, taken in measured.items():
            _, faults, window = sorted(taken, key=lambda t: t[0])[len(taken) // 2]
            self.counts[key] = counter = collections.Counter()
            for address, times in window.items():
                counter[guest.symbols[key[0]].find(address)] += times / faults

    def functions(self, key):
        sums = collections.Counter()
        for (name, _), times in self.counts[key].items():
            sums[name] += times
        return sums


def print_profile(lines_path, counts_path):
    profile = Profile(lines_path, counts_path)
    for subject, workload in profile.counts:
        if subject == "none":
            continue
        mine, bare = profile.functions((subject, workload)), profile.functions(("none", workload))
        added = {name: mine[name] - bare[name] for name in mine.keys() | bare.keys()}
        others = sum(v for v in added.values() if abs(v) < LEAST)
        for name, value in sorted(added.items(), key=lambda item: (-item[1], item[0])):
            if abs(value) >= LEAST:
                print(f"function {subject} {workload} {value:.2f} {name}")
        print(f"function {subject} {workload} {others:.2f} others")


def added(mine, bare):
    """(function, (stores, loads)) beyond those without a tracer."""
    for name in sorted(mine.keys() | bare.keys()):
        yield name, tuple(a - b for a, b in zip(mine.get(name, (0, 0)), bare.get(name, (0, 0))))


def waits(line):
    """(address, stores, loads): how many of these may have to wait for another CPU, whatever the
    order in which the CPUs access the line.

    A store waits if others have the line, a load if another one has written it; and an access of
    another CPU's is what one of this CPU's waits for, no more. So of what a CPU stores as many count
    as there are accesses of others, and of what it loads as many as there are stores of others."""
    stored, loaded = collections.Counter(), collections.Counter()
    for _, cpu, stores, loads in line:
        stored[cpu] += stores
        loaded[cpu] += loads
    all_stores = stored.total()
    everything = all_stores + loaded.total()
    for address, cpu, stores, loads in line:
        by_others = all_stores - stored[cpu]
        of_others = everything - stored[cpu] - loaded[cpu]
        yield (address, stores * min(1, of_others / stored[cpu]) if stores else 0,
               loads * min(1, by_others / loaded[cpu]) if loads else 0)


def print_sharing(lines_path, counts_path):
    guest = Guest(lines_path)
    windows = windows_of(counts_path, list, put_access)
    guest.check(counts_path, windows)
    bare = {}
    for (key, faults, _), window in zip(guest.samples, windows):
        subject, workload = key
        sums = {}
        for line in window:
            for address, stores, loads in waits(line):
                mine = sums.setdefault(guest.symbols[subject].find(address)[0], [0, 0])
                mine[0] += stores / faults
                mine[1] += loads / faults
        if subject == "none":
            bare[workload] = sums
        others = [0, 0]
        for name, (stores, loads) in added(sums, {} if subject == "none" else bare[workload]):
            if max(abs(stores), abs(loads)) >= LEAST_SHARED:
                print(f"shared {subject} {workload} {stores:.3f} {loads:.3f} {name}")
            else:
                others = [others[0] + stores, others[1] + loads]
        print(f"shared {subject} {workload} {others[0]:.3f} {others[1]:.3f} others")


def put_longest(window, words):
    """address -> the longest section it was part of."""
    address, length = int(words[0], 16), int(words[1])
    window[address] = max(window.get(address, 0), length)


def print_irqsoff(lines_path, counts_path):
    """The subject is KIND-N-LOAD, see tests/bench/guest."""
    guest = Guest(lines_path)
    windows = windows_of(counts_path, dict, put_longest)
    guest.check(counts_path, windows)
    longest = {}
    for ((subject, workload), _, _), window in zip(guest.samples, windows):
        kind, n, load = subject.split("-")

        def put(of, name, length):
            found = longest.setdefault((kind, workload, n, of), {})
            found[name] = max(found.get(name, 0), length)

        if load == "0":
            put("none", "", max(window.values(), default=0))
            continue
        put("vmtrace", "", 0)
        put("all", "", max(window.values(), default=0))
        for address, length in window.items():
            name = guest.symbols[subject].find(address)[0]
            if name.endswith("[vmtrace]"):
                put("vmtrace", name, length)
    for key, found in longest.items():
        most = max(found.values())
        print("section", *key, most, ", ".join(sorted(name for name, length in found.items() if name and length == most)))


def disassembly(objdump, module, function):
    """(offset, instruction) of each."""
    text = subprocess.run([objdump, "-dr", "--no-show-raw-insn", f"--disassemble={function}", module],
                          capture_output=True, text=True, check=True).stdout
    starts = re.findall(rf"^([0-9a-f]+) <{re.escape(function)}>:$", text, re.M)
    if len(starts) != 1:
        sys.exit(f"{module}: {len(starts)} functions are called {function}: name one of the table that is marked [vmtrace]")
    result = []
    for line in text.splitlines():
        found = re.fullmatch(r"\s+([0-9a-f]+):\s+(.*)", line)
        if not found:
            continue
        offset = int(found[1], 16) - int(starts[0], 16)
        if not re.match(r"R_[A-Z0-9_]+\s", found[2]):
            result.append((offset, found[2]))
        elif result and 0 <= offset - result[-1][0] < LONGEST:
            # A relocation says what the instruction that it is in is about; there are others, too.
            result[-1] = result[-1][0], f"{result[-1][1]}  # {found[2].split()[-1]}"
    return result


def annotate(lines_path, counts_path, objdump, module, function):
    """A column for each kind of fault. The kernel patches code when it loads and runs it: an
    instruction that only the guest has, is told without its text."""
    profile = Profile(lines_path, counts_path)
    code = dict(disassembly(objdump, module, function))
    name = f"{function} [vmtrace]"
    for subject in dict.fromkeys(s for s, _ in profile.counts):
        keys = [key for key in profile.counts if key[0] == subject]
        executed = {offset for key in keys for n, offset in profile.counts[key] if n == name}
        if not executed:
            continue
        print(f"\n{function} with {subject}: executions for each fault: {', '.join(w for _, w in keys)}")
        for offset in sorted(code.keys() | executed):
            times = [profile.counts[key].get((name, offset), 0) for key in keys]
            cells = " ".join(f"{t:7.2f}" if t else " " * 7 for t in times)
            print(f"{cells} {offset:5x}  {code.get(offset, '(patched by the kernel)')}".rstrip())


if __name__ == "__main__":
    VERBS = {"profile": print_profile, "annotate": annotate, "sharing": print_sharing, "irqsoff": print_irqsoff}
    if len(sys.argv) < 2 or sys.argv[1] not in VERBS:
        sys.exit(__doc__)
    VERBS[sys.argv[1]](*sys.argv[2:])
