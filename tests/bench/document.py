# SPDX-License-Identifier: Apache-2.0
"""Writes performance.md from the results of the parts."""

HEAD = """# Performance

Written by `sudo tests/bench/run.sh`; do not edit it. A ratio compares two measurements of the same run, with rounds
of both interleaved. Numbers in parentheses are the quartiles of the rounds: where they are far apart, the machine
was not quiet.
"""


def measured_on(facts):
    others = f"; {facts['others']} BPF programs of others were attached" if facts.get("others") else ""
    return (f"Linux {facts['kernel']}, {facts['cpu']}, {facts['cores']} CPUs; "
            f"{facts['date']}, commit {facts['commit']}{others}")


def write(directory, modules, parts):
    machines = {measured_on(part["host"]) for part in parts.values()}
    text = [HEAD]
    if len(machines) == 1:
        text.append(f"Measured on {machines.pop()}.\n")
        machines = set()
    for name, module in modules.items():
        text.append(f"## {module.TITLE}\n")
        if machines:
            text.append(f"Measured on {measured_on(parts[name]['host'])}.\n")
        text += [section + "\n" for section in module.sections(parts[name]["result"])]
        for file, picture in getattr(module, "pictures", lambda _: {})(
                parts[name]["result"]).items():
            (directory / file).write_text(picture)
            text.append(f"![{file}]({file})\n")
    (directory / "performance.md").write_text("\n".join(text))
