import pytest
from hop_support import load

from hop import settings
from hop.errors import SettingsError, UnsafeError
from hop.storage.url import database_url


def test_every_setting_has_its_variable(monkeypatch):
    for name, value in {
        "HOP_PORT": "9000",
        "HOP_TOKEN": "s3cret",
        "HOP_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
        "HOP_FAULTS": "1",
        "HOP_COLOUR": "green",
        "DATABASE_URL": "postgresql://h/db",
        "LOG_LEVEL": "debug",
    }.items():
        monkeypatch.setenv(name, value)
    found = settings.load()
    assert (found.port, found.faults, found.colour, found.log_level) == (
        9000,
        True,
        "green",
        "DEBUG",
    )
    assert [str(network) for network in found.trusted_proxies] == ["10.0.0.0/8", "::1/128"]
    assert "s3cret" not in repr(found)


def test_the_command_line_wins_and_empty_means_not_set(monkeypatch):
    monkeypatch.setenv("HOP_PORT", "9000")
    monkeypatch.setenv("HOP_COLOUR", "")
    assert settings.load(port=9001, host=None).port == 9001
    assert settings.load().colour is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOP_PORT", "http"),
        ("HOP_PORT", "70000"),
        ("HOP_COLOUR", "red"),
        ("HOP_CACHE_S", "6"),
        ("HOP_CACHE_MISS_S", "1.5"),
        ("HOP_TRUSTED_PROXIES", "10.0.0.0/8,proxy"),
        ("HOP_BASE_URL", "https://hop.example/path"),
        ("LOG_LEVEL", "loud"),
        ("HOP_MAX_BODY", "1"),
    ],
)
def test_a_wrong_value_is_refused_by_its_variables_name(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^{name}: "):
        settings.load()


def test_all_wrong_values_are_named_at_once_and_no_secret_shown(monkeypatch):
    monkeypatch.setenv("HOP_PORT", "x")
    monkeypatch.setenv("HOP_COLOUR", "y")
    monkeypatch.setenv("DATABASE_URL", "postgres://me:s3cret@h/db")
    with pytest.raises(SettingsError, match=r"HOP_PORT.*HOP_COLOUR") as caught:
        settings.load()
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "hop.example"])
def test_writes_are_not_offered_to_the_network_without_a_token(tmp_path, host):
    with pytest.raises(UnsafeError, match="HOP_TOKEN"):
        settings.check_safe(load(tmp_path, host=host))
    settings.check_safe(load(tmp_path, host=host, token="t"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_needs_none(tmp_path, host):
    settings.check_safe(load(tmp_path, host=host))


@pytest.mark.parametrize(
    ("given", "driver", "query"),
    [
        ("postgres://u:p@h/db", "postgresql+asyncpg", {}),
        ("postgresql://u:p@h/db?sslmode=require", "postgresql+asyncpg", {"ssl": "require"}),
        ("postgresql+asyncpg://u:p@h/db", "postgresql+asyncpg", {}),
        ("sqlite:////tmp/x.db", "sqlite+aiosqlite", {}),
    ],
)
def test_database_urls_in_the_forms_people_have(tmp_path, given, driver, query):
    url = database_url(load(tmp_path, database_url=given))
    assert (url.drivername, dict(url.query)) == (driver, query)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("mysql://u:s3cret@h/db", "mysql is not supported"),
        ("s3cret", "not a database URL"),
        ("postgresql://u:s3cret@h:port/db", "not a database URL"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
    ],
)
def test_database_urls_that_cannot_work(tmp_path, given, reason):
    with pytest.raises(SettingsError, match=reason) as caught:
        database_url(load(tmp_path, database_url=given))
    assert "s3cret" not in str(caught.value)


def test_the_default_is_a_file_below_the_data_folder(tmp_path):
    url = database_url(load(tmp_path / "new folder"))
    assert url.database == str(tmp_path / "new folder" / "hop.db")
    assert (tmp_path / "new folder").is_dir()


def test_a_data_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="HOP_DATA"):
        database_url(load(tmp_path / "file" / "folder"))


def test_secrets_come_from_files_and_a_variable_wins(monkeypatch, tmp_path):
    (tmp_path / "hop_token").write_text("from-a-file\n")
    (tmp_path / "database_url").write_text("postgresql://h/file\n")
    monkeypatch.setenv("HOP_SECRETS", str(tmp_path))
    found = settings.load()
    assert found.token.get_secret_value() == "from-a-file"
    assert found.database_url.get_secret_value() == "postgresql://h/file"
    monkeypatch.setenv("DATABASE_URL", "postgresql://h/variable")
    assert settings.load().database_url.get_secret_value() == "postgresql://h/variable"


def test_a_secrets_folder_that_is_not_there_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("HOP_SECRETS", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="HOP_SECRETS: there is no folder"):
        settings.load()
