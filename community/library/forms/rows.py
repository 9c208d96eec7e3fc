"""Several lines of the same kind in one form: what it cost, what was counted. Works without JavaScript."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Column:
    """One box of each line: its name, what stands above it, how much fits, and whether a line needs it."""

    name: str
    label: Any
    most: int
    required: bool = False


class RowsInput(forms.Widget):
    """Lines of boxes; two empty ones more than there are, so that there is always room."""

    template_name = "library/rows_input.html"
    use_fieldset = True
    MOST: ClassVar[int] = 20
    FEWEST: ClassVar[int] = 3

    def __init__(self, columns: tuple[Column, ...], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.columns = columns

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        """The lines in which something stands."""
        rows = [
            {column.name: str(data.get(f"{name}_{n}_{column.name}", "")).strip() for column in self.columns}
            for n in range(self.MOST)
        ]
        return [row for row in rows if any(row.values())]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Whether the form did not ask for these lines at all."""
        return not any(key.startswith(f"{name}_") for key in data)

    def id_for_label(self, id_: str) -> str:
        """No single box carries the name of all."""
        return ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Each line with its boxes, and room for more."""
        rows = list(value or [])
        number = min(self.MOST, max(self.FEWEST, len(rows) + 2))
        lines = [
            [
                {"column": column, "name": f"{name}_{n}_{column.name}", "value": row.get(column.name, "")}
                for column in self.columns
            ]
            for n, row in enumerate(rows + [{}] * (number - len(rows)))
        ]
        return super().get_context(name, value, attrs) | {"lines": lines}


class RowsField(forms.Field):
    """A list of lines; whatever is wrong is said with the number of its line."""

    def __init__(self, columns: tuple[Column, ...], **kwargs: Any) -> None:
        super().__init__(widget=RowsInput(columns), required=False, **kwargs)
        self.columns = columns

    def clean(self, value: Any) -> list[dict[str, str]]:
        """Lines that are whole and fit."""
        wrong = [
            words
            for n, row in enumerate(value or [], 1)
            for column in self.columns
            if (words := self._why(column, row, n))
        ]
        if wrong:
            raise ValidationError(wrong)
        return list(value or [])

    def _why(self, column: Column, row: dict[str, str], n: int) -> str:
        text, names = row[column.name], {"n": n, "what": column.label, "most": column.most}
        if column.required and not text:
            return _("Line %(n)s: “%(what)s” is missing.") % names
        if len(text) > column.most:
            return _("Line %(n)s: “%(what)s” is too long. At most %(most)s letters fit.") % names
        if "\x00" in text:
            return _("Line %(n)s: “%(what)s” has a character in it that cannot be kept.") % names
        return ""
