"""The numbers and names of a formula's rows, put where the converter wants them."""


class Numbers:
    def __init__(self) -> None:
        #: Places in the output of those that stand in no numbered environment.
        self.tags: list[int] = []
        self.labels: list[int] = []
        self.has_environment = False

    def place(self, out: list[str]) -> None:
        """Numbers that stand in no numbered environment get one."""
        if len(self.tags) > 1 or len(self.labels) > 1:
            _number_rows(out, "*" if self.tags else "")
        elif self.tags or self.labels:
            number = "".join(_cut(out, place) for place in self.tags + self.labels)
            if self.has_environment:
                last = max((i for i, part in enumerate(out) if part.startswith(r"\end{")), default=0)
                out[last] = number + out[last]
            else:
                name = "equation*" if self.tags else "equation"
                out[0] = rf"\begin{{{name}}}" + out[0]
                out.append(rf"{number}\end{{{name}}}")


def _cut(out: list[str], place: int) -> str:
    part, out[place] = out[place], ""
    return part


def _number_rows(out: list[str], star: str) -> None:
    """Each row its own number, where all rows are those of one environment."""
    for name, numbered in (("aligned", f"align{star}"), ("gathered", f"gather{star}")):
        edges = [i for i, part in enumerate(out) if part.strip().endswith((f"in{{{name}}}", f"d{{{name}}}"))]
        if len(edges) == 2 and not "".join(out[: edges[0]] + out[edges[1] + 1 :]).strip():
            for i in edges:
                out[i] = out[i].replace(f"{{{name}}}", f"{{{numbered}}}")
