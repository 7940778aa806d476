"""Writes NumPy arrays as a C++ header: 17 significant digits, so that every double comes back."""

import pathlib


def literal(value):
    value = value.item() if hasattr(value, "item") else value
    return repr(value) if isinstance(value, (int, float)) else str(value)


def write(script, about, entries):
    """entries: name -> (C++ type, sequence). The header stands beside the script."""
    path = pathlib.Path(script).with_suffix(".hpp")
    lines = [
        f"// {about}",
        f"// Made by tests/golden/{pathlib.Path(script).name}; not to be edited by hand.",
        "#pragma once",
        "",
        "#include <cstdint>",
        "#include <vector>",
        "",
        "namespace gradus::golden {",
        "",
    ]
    for name, (kind, values) in entries.items():
        text = ", ".join(literal(v) for v in values)
        lines.append(f"inline const std::vector<{kind}> {name} = {{{text}}};")
    lines += ["", "}  // namespace gradus::golden", ""]
    path.write_text("\n".join(lines))
    print("wrote", path.name)
