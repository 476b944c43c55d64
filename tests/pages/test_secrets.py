"""Where optional keys come from."""

from __future__ import annotations

import pytest

from dashboard.secrets import with_secrets


def put(folder, text):
    (folder / ".streamlit").mkdir(parents=True)
    (folder / ".streamlit/secrets.toml").write_text(text)
    return folder


def test_the_environment_wins_over_the_nearer_file_and_that_over_the_farther(tmp_path):
    near = put(tmp_path / "near", 'A = "near"\nB = "near"\n')
    far = put(tmp_path / "far", 'A = "far"\nB = "far"\nC = "far"\n')
    assert with_secrets({"A": "environment"}, near, far) == {"A": "environment", "B": "near", "C": "far"}


def test_an_empty_key_is_no_key(tmp_path):
    assert with_secrets({}, put(tmp_path, 'COINGECKO_DEMO_API_KEY = ""\n')) == {}


def test_no_file_is_the_environment_alone(tmp_path):
    assert with_secrets({"A": "1"}, tmp_path) == {"A": "1"}


def test_a_file_that_is_not_toml_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"secrets\.toml cannot be read"):
        with_secrets({}, put(tmp_path, "A = "))
