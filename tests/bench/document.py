# SPDX-License-Identifier: Apache-2.0
"""Writes performance.md from the results of the parts."""

HEAD = """# Performance

Written by `sudo tests/bench/run.sh`; do not edit it. A ratio compares two measurements of the same run, with rounds
of both interleaved. Numbers in parentheses are the quartiles of the rounds: where they are far apart, the machine
was not quiet.
"""


def measured_on(facts):
    return (f"Linux {facts['kernel']}, {facts['cpu']}, {facts['cores']} CPUs; "
            f"{facts['date']}, commit {facts['commit']}")


def not_quiet(parts):
    """A sentence for each reason not to trust the numbers."""
    busy = [part["host"].get("busy", 0) for part in parts.values()]
    others = [part["host"].get("others", 0) for part in parts.values()]
    if max(busy) > 5:
        yield f"**The machine was not quiet:** others used up to {max(busy)} % of it before a part began."
    if max(others):
        yield f"**Up to {max(others)} BPF programs of others** were attached, which cost as well."


def write(directory, modules, parts):
    machines = {measured_on(part["host"]) for part in parts.values()}
    text = [HEAD]
    if len(machines) == 1:
        text.append(f"Measured on {machines.pop()}.\n")
        machines = set()
    text += [reason + "\n" for reason in not_quiet(parts)]
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
