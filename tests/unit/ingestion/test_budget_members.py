"""The aliases file: what each name means, and the lines that would let a name mean two things or nothing."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from ingestion.errors import IngestionError
from ingestion.sources.budget.members import Members, UnknownMemberError, read_members


def members(folder: Path, lines: str, header: str = "kind,alias,member") -> Members:
    """Read an aliases file with these lines."""
    path = folder / "aliases.csv"
    path.write_text(f"{header}\n{lines}\n", encoding="utf-8-sig")
    return read_members(path)


def test_names_mean_their_members_and_those_of_other_columns_stay(tmp_path: Path) -> None:
    read = members(tmp_path, 'territory,Nord,North\nterritory,NORTH,North\n\n,,\nrep,,"Li, Bo"\nterritory,Nord,North')
    names = [("territory", " nORD".strip()), ("territory", "north"), ("sales_rep", "LI, BO"), ("process", "Nord")]
    assert [read.resolve(*name) for name in names] == ["North", "North", "Li, Bo", "Nord"]
    with pytest.raises(
        UnknownMemberError, match="territory “Nrth” is neither a member nor an alias; did you mean “North”"
    ):
        read.resolve("territory", "Nrth")


def test_the_nearest_of_an_unknown_name_is_searched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = members(tmp_path, "territory,Nord,North\ncategory,Pumps,Pumps")
    searched: list[str] = []
    found = difflib.get_close_matches
    monkeypatch.setattr(
        difflib, "get_close_matches", lambda name, *a, **k: searched.append(name) or found(name, *a, **k)
    )
    for column, name in [("territory", "Nrth"), ("product_category", "Nrth"), ("territory", "Nrth")] * 12:
        with pytest.raises(UnknownMemberError, match="“Nrth” is neither"):
            read.resolve(column, name)
    assert searched == ["nrth", "nrth"]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("territory,N,North\nterritory,N,Norway", "line 3: territory N means Norway here and North in line 2; one"),
        ("territory,N,North\nterritory,North,Norden", "line 3: territory North means Norden here and North in line 2"),
        (
            "territory,North,Norden\n\nterritory,N,North",
            "line 2: territory North means Norden here and North in line 4",
        ),
        ("rep,Bo,005xA\nrep,Li,005Xa", "line 3: 005Xa is written 005xA in line 2; one name means one member"),
        ("territory,X,", "line 2: territory X has no member; write one or delete the line"),
        ("Territory,N,North", "line 2: expected a kind among territory, category, rep, found “Territory”; correct it"),
        (
            "territory,N",
            "line 2: expected kind,alias,member, found 2 cells; correct it, and put a name that holds",
        ),
        ("rep,Bo Li,Li, Bo", "line 2: expected kind,alias,member, found 4 cells; correct it, and put"),
    ],
)
def test_a_line_by_which_a_name_means_two_things_or_nothing_is_named(tmp_path: Path, lines: str, sentence: str) -> None:
    with pytest.raises(IngestionError) as refused:
        members(tmp_path, lines)
    assert str(refused.value).startswith(f"Budget aliases {tmp_path / 'aliases.csv'}, {sentence}")


@pytest.mark.parametrize("header", ["alias,member", "kind;alias;member", "kind,alias,member,member"])
def test_another_header_is_named(tmp_path: Path, header: str) -> None:
    with pytest.raises(IngestionError, match=f": expected the columns kind,alias,member, found {header}; correct"):
        members(tmp_path, "", header)
