"""Ready-made cron lines and systemd units for a refresh."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from data.home import ENV


def _command() -> str:
    return str(Path(sys.executable).with_name("newstape"))


def cron(home: str, every_s: int) -> str:
    """One line for ``crontab -e``.

    Raises ValueError for a pause that cron cannot keep: it counts minutes of an hour and hours of a day.
    """
    minutes = every_s // 60
    if every_s < 60 or every_s % 60 or (minutes < 60 and 60 % minutes):
        raise ValueError(_cannot(every_s))
    if minutes < 60:
        when = f"*/{minutes} * * * *" if minutes > 1 else "* * * * *"
    elif minutes % 60 == 0 and 24 % (minutes // 60) == 0:
        when = f"0 */{minutes // 60} * * *" if minutes < 24 * 60 else "0 0 * * *"
        when = "0 * * * *" if minutes == 60 else when
    else:
        raise ValueError(_cannot(every_s))
    # In a crontab a percent sign is a line break.
    command = f"{ENV}={shlex.quote(home)} {shlex.quote(_command())} refresh".replace("%", r"\%")
    return f"# Newstape: add with `crontab -e`; its mail holds what failed\n{when} {command}\n"


def _cannot(every_s: int) -> str:
    return f"cron cannot keep a pause of {every_s} s: use 5m, 10m, 15m, 30m, 1h, 2h, 6h, 12h or 1d, or --as systemd."


def systemd(home: str, every_s: int) -> str:
    """A service and a timer; each begins with a comment that says where it goes."""
    return f"""# ~/.config/systemd/user/newstape-refresh.service
[Unit]
Description=Newstape refresh
After=network-online.target

[Service]
Type=oneshot
Environment={_quoted(f"{ENV}={home}")}
ExecStart={_quoted(_command())} refresh
# 4: some sources failed, the others are stored
SuccessExitStatus=4
Nice=10

# ~/.config/systemd/user/newstape-refresh.timer
# then: systemctl --user daemon-reload && systemctl --user enable --now newstape-refresh.timer
[Unit]
Description=Newstape refresh, every {every_s} s

[Timer]
OnBootSec=2min
OnUnitInactiveSec={every_s}s
RandomizedDelaySec={max(1, every_s // 10)}s

[Install]
WantedBy=timers.target
"""


def _quoted(text: str) -> str:
    """As systemd reads it: quoted, with its own percent and dollar signs doubled."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'
