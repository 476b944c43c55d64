"""Cron lines and systemd units that can be put to use as they are."""

from __future__ import annotations

import configparser
import re

import pytest

from dashboard import cli
from dashboard.schedule import cron, systemd


@pytest.mark.parametrize(
    ("every_s", "when"),
    [
        (60, "* * * * *"),
        (300, "*/5 * * * *"),
        (1800, "*/30 * * * *"),
        (3600, "0 * * * *"),
        (7200, "0 */2 * * *"),
        (86_400, "0 0 * * *"),
    ],
)
def test_cron_says_when(every_s, when):
    comment, line = cron("/srv/lake", every_s).splitlines()
    assert comment.startswith("#")
    assert line.startswith(f"{when} NEWSTAPE_HOME=/srv/lake /")
    assert line.endswith("/newstape refresh")


@pytest.mark.parametrize("every_s", [30, 90, 420, 5400, 5 * 3600])
def test_what_cron_cannot_keep_is_refused(every_s):
    with pytest.raises(ValueError, match=r"cron cannot keep a pause of .* --as systemd"):
        cron("/srv/lake", every_s)


def test_places_with_spaces_and_signs_stay_one_word():
    assert r"NEWSTAPE_HOME='/srv/my lake/50\%' " in cron("/srv/my lake/50%", 300)  # % ends a crontab's command
    unit = systemd('/srv/my "lake"/50%$x', 300)
    assert 'Environment="NEWSTAPE_HOME=/srv/my \\"lake\\"/50%%$$x"' in unit


def test_the_units_parse_and_hold_together():
    service, timer = re.split(r"(?m)^# .*newstape-refresh\.timer\n# then.*\n", systemd("/srv/lake", 900))
    read = configparser.ConfigParser(strict=True, interpolation=None)
    read.optionxform = str
    read.read_string(service)
    assert read["Service"]["Type"] == "oneshot"
    assert read["Service"]["ExecStart"].endswith('/newstape" refresh')
    assert read["Service"]["SuccessExitStatus"] == str(cli.PARTLY)
    read.read_string(timer.replace("[Unit]", "[Unit of the timer]"))
    assert read["Timer"]["OnUnitInactiveSec"] == "900s"
    assert read["Install"]["WantedBy"] == "timers.target"


def test_the_command_prints_either_or_both(run):
    assert "[Timer]" not in run("schedule", "--as", "cron").stdout
    assert "* * * *" not in run("schedule", "--as", "systemd", "--every", "90s").stdout
    both = run("schedule", "--every", "5m").stdout
    assert "*/5 * * * *" in both
    assert "OnUnitInactiveSec=300s" in both
    assert "is no span" in run("schedule", "--every", "soon", code=cli.BAD_INPUT).stderr
    assert "none of cron" in run("schedule", "--as", "launchd", code=cli.BAD_INPUT).stderr
