# SPDX-License-Identifier: GPL-2.0
"""What tests/bench/run measured, as plots.

  plots.py RESULTS DIRECTORY    write cost.svg and scale.svg there
"""
import os
import subprocess
import sys

from report import Part, load, summary_rows, with_part


def gnuplot(script, target):
    preamble = f"set terminal svg size 1000,600 font 'sans,11' background 'white'\nset output '{target}'\n"
    subprocess.run(["gnuplot"], input=preamble + script, text=True, check=True)


def quoted(text):
    return '"' + text.replace('"', "") + '"'


def plot_cost(kernels, directory):
    """The table of README.md."""
    names = [name for name, _ in with_part(kernels, "cost")]
    if not names:
        return
    script = "$data << END\n"
    for name, *values in summary_rows(kernels):
        script += quoted(name) + " " + " ".join("NaN" if v is None else str(round(v)) for v in values) + "\n"
    script += "END\nset title 'what is added to a read fault, in instructions of the program that takes it'\n"
    script += "set style data histogram\nset style histogram cluster gap 1\nset style fill solid\n"
    script += "set xtics rotate by -30 noenhanced\nset grid y\nset key top left noenhanced\nset rmargin 30\nset yrange [0:*]\n"
    script += "plot " + ", ".join(
        ("$data" if i == 0 else "''") + f" using {i + 2}" + (":xtic(1)" if i == 0 else "") + f" title '{name}'"
        for i, name in enumerate(names)) + "\n"
    gnuplot(script, os.path.join(directory, "cost.svg"))


def plot_scale(kernels, directory):
    part = next((Part(k, "scale") for k in kernels if "scale" in k["parts"]), None)
    if not part:
        return
    script, curves = "", []
    for kind in ("threads", "processes"):
        for what in ("summary", "total", "pid", "fork"):
            points = [(n, part.median(kind, what, n, "machine")) for n in part.numbers(kind)]
            points = [(n, v) for n, v in points if n and v is not None]
            if points:
                name = f"{kind}_{what}"
                script += f"${name} << END\n" + "".join(f"{n} {v}\n" for n, v in points) + "END\n"
                curves.append(f"${name} with linespoints title '{what}, by {kind}'")
    if not curves:
        return
    script += "set title 'instructions, by the number of threads or processes'\nset logscale xy\nset grid\n"
    script += "set key outside noenhanced\nplot " + ", ".join(curves) + "\n"
    gnuplot(script, os.path.join(directory, "scale.svg"))


def main(path, directory):
    kernels = load(path)["kernels"]
    plot_cost(kernels, directory)
    plot_scale(kernels, directory)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
