"""What is masked in a sentence, what stays readable, and that the search for leaks finds them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from pydantic import BaseModel, ConfigDict, SecretStr

from ingestion.errors import IngestionError, secrets_in, without_secrets
from ingestion.sources.files.config import FilesConfig, FileTable
from tests.leaks import leaks

CANARY = "c4nary-pass"


class Config(BaseModel):
    model_config = ConfigDict(frozen=True)

    url: SecretStr


@pytest.mark.parametrize(
    "text",
    [
        f"could not connect to postgresql://reader:{CANARY}@erp/db",
        f"postgresql://reader:x@{CANARY}@erp/db",
        f"postgresql://reader:a/{CANARY}@erp/db",
        f"mysql+pymysql://erp/db?user=reader&password={CANARY}&charset=utf8",
        f"https://files.example/lines.csv?sv=2024&sig={CANARY}",
        f"https://files.example/lines.csv?X-Amz-Signature={CANARY}&X-Amz-Date=1",
        f"DRIVER={{ODBC Driver 18}};SERVER=erp;UID=reader;PWD={CANARY};Encrypt=yes",
        f"mssql+pyodbc:///?odbc_connect=DRIVER%3DODBC%3BPWD%3D{CANARY}",
        f"redis reader:{CANARY}@host",
        f"client_secret={CANARY}",
    ],
)
def test_credentials_in_a_text_are_masked(text: str) -> None:
    masked = without_secrets(text)
    assert CANARY not in masked
    assert "***" in masked
    assert CANARY not in str(IngestionError(text))


def test_what_is_no_secret_stays_readable() -> None:
    sentence = (
        "ERP database postgresql://reader@erp:5432/db: 12:30 mail a.b@example.com is at rows=7; check the password."
    )
    assert without_secrets("  " + sentence.replace(" is", "\n is")) == sentence.replace("reader@", "***@")


def test_secrets_are_found_wherever_settings_hold_them() -> None:
    escaped = Config(url="postgresql://reader:c%40nary%2Fpass@erp/db?sslpassword=other+one&sslmode=require")
    assert set(secrets_in(escaped)) == {"c%40nary%2Fpass", "c@nary/pass", "other+one", "other one"}
    table = FileTable(name="t", address=f"https://x/t.csv?sig={CANARY}", key=("k",))
    assert secrets_in(FilesConfig(tables=(table,))) == [CANARY]
    plain = FilesConfig(tables=(FileTable(name="t", address="./data/t.csv", key=("k",)),))
    assert secrets_in(plain) == []
    assert CANARY not in repr(FilesConfig(tables=(table,)))


def test_a_short_secret_makes_no_holes() -> None:
    assert without_secrets("as it is: s", ["s"]) == "as it is: ***"


def test_the_search_finds_what_is_planted(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute(f"create table t as select 'x' || '{CANARY[:4]}' || '{CANARY[4:]}' as note")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.pickle").write_bytes(b"\x80\x04" + CANARY.encode() + b"\x00")
    found = leaks(tmp_path, [CANARY])
    assert any("a.duckdb:main.t" in place for place in found)
    assert any(place.endswith("b.pickle") for place in found)
