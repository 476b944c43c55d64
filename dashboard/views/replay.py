"""The clock and the zone of every page: shown, set, stepped. The address holds both, and what is here writes it.

Where a clock is set, a page shows what was known by then and nothing later (docs/replay.md).
"""

from __future__ import annotations

import re
from datetime import UTC, date
from functools import lru_cache

import pandas as pd
import streamlit as st

from dashboard import cached, widgets, words
from data import queries
from data.tables import INTERVAL_S
from data.view import FIRST_DAY, NAMES, View, parse, stamp, zones
from data.view import clock as read_clock

#: Steps of a page without a chart.
HOUR_S = 3600
_CLOCK, _ZONE, _NOTE = "replay_clock", "replay_zone", "replay_note"
_KNOWN_AT, _TZ, _STORY = NAMES["known_at"], NAMES["zone"], NAMES["story"]
#: What Markdown gives a meaning to.
_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=\"'&])")


# ── the address ───────────────────────────────────────────────────────────────────────────────────────


def clock() -> pd.Timestamp | None:
    """The clock the address names; None where it names none that can be read."""
    try:
        return read_clock(st.query_params[_KNOWN_AT])
    except (KeyError, ValueError):
        return None


def view_of(default: View, *, tell: bool = True) -> View:
    """The view the address names; ``tell`` says, in a warning, what of it could not be read."""
    view, told = _read(tuple((name, *st.query_params.get_all(name)) for name in st.query_params), default)
    if told and tell:
        st.warning(" ".join(literal(sentence) for sentence in told))
    return view


@lru_cache(1000)
def _read(given: tuple[tuple[str, ...], ...], default: View) -> tuple[View, list[str]]:
    """Every fragment of a page reads the same address."""
    return parse({name: values for name, *values in given}, default)


def follow(page: str) -> None:
    """Take clock and zone along to another page of the session, whose link in the navigation does not say them.

    Call before a page is drawn, with its name.
    """
    state = st.session_state
    before, said = state.get("replay_on", (page, {}))
    if page != before and not {_KNOWN_AT, _TZ} & {*st.query_params}:
        st.query_params.update(said)
    state["replay_on"] = page, {name: st.query_params[name] for name in (_KNOWN_AT, _TZ) if name in st.query_params}


def carried(view: View) -> dict[str, str]:
    """What a link to another page takes along: the clock and the zone."""
    found = {} if view.known_at is None else {_KNOWN_AT: stamp(view.known_at)}
    return found if view.zone == "UTC" else found | {_TZ: view.zone}


def literal(text: str) -> str:
    """Text from outside as Markdown that says it and nothing else: no mark-up, no link, no picture."""
    # Addresses become links after escapes were read: nothing may be left in one piece.
    joints = text.replace("://", ":\u200b//").replace("www.", "www\u200b.").replace("@", "\u200b@\u200b")
    return _MARKS.sub(r"\\\1", joints)


# ── time in a zone ────────────────────────────────────────────────────────────────────────────────────


def typed(text: str, zone: str) -> pd.Timestamp:
    """An instant as a person writes it, in ``zone`` where they name none. Raises ValueError.

    Of an hour that the zone has twice, the first; of one that it leaves out, the instant it goes on at.
    """
    at = read_clock(text)
    if pd.Timestamp(text.strip().replace(" UTC", "Z").replace(" ", "T", 1)).tzinfo is not None:
        return at
    return _localised(at.tz_localize(None), zone)


def day_start(day: date, zone: str) -> pd.Timestamp:
    """The first instant of a day in a zone."""
    return _localised(pd.Timestamp(day).as_unit("us"), zone)


def _localised(at: pd.Timestamp, zone: str) -> pd.Timestamp:
    return at.tz_localize(zone, ambiguous=True, nonexistent="shift_forward").tz_convert(UTC).as_unit("us")


def written(at: pd.Timestamp, zone: str) -> str:
    """An instant as ``typed`` reads it in that zone, so that it is the same again."""
    local = at.tz_convert(zone).tz_localize(None)
    text = local.isoformat(sep=" ", timespec="minutes" if local == local.floor("min") else "auto")
    return text if typed(text, zone) == at else stamp(at)


# ── the bar ───────────────────────────────────────────────────────────────────────────────────────────


def bar(view: View, *, steps: int = HOUR_S, button: bool = True) -> None:
    """Where a clock is set: its banner, and a row that steps it. Where none is, the ``chooser``, unless the page puts
    that elsewhere (``button`` false).

    ``steps``: how far a step goes, seconds: the bars of the chart below; from one close to the next.
    """
    if view.known_at is not None:
        widgets.plain(banner(view), "nt-alert")
    if note := st.session_state.pop(_NOTE, None):
        widgets.plain(note, "nt-alert")
    if view.known_at is None:
        if button:
            with st.container(horizontal=True, gap="small"):
                chooser(view, steps=steps)
        return
    length = words.bar_name(steps)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="replay_row"):
        _button("Story", "skip_previous", "story_back", _step_story, -1, _BACK_TO_STORY, "Shift+B")
        _button(length, "chevron_left", "bar_back", _step_bar, -steps, f"Back to the last close of a {length} bar", "B")
        _clock_field(view)
        _button(length, "chevron_right", "bar_on", _step_bar, steps, f"On to the next close of a {length} bar", "N")
        _button("Story", "skip_next", "story_on", _step_story, 1, "To when the next story became known", "Shift+N")
        if view.story is not None:
            help_ = "To when the chosen story became known"
            st.button("At the story", key="replay_at_story", on_click=_at_story, args=(view.story,), help=help_)
        st.button("Now", key="replay_now", on_click=_go, args=(None,), help="Show everything known by now")
        zone_field(view)


_BACK_TO_STORY = "To when the story before became known"


def chooser(view: View, *, steps: int = HOUR_S) -> None:
    """Where no clock is set: a button that opens the fields of clock and zone, and one that steps back from now."""
    if view.known_at is not None:
        return
    length = words.bar_name(steps)
    help_ = f"Replay: back to the last close of a {length} bar"
    with st.popover(f"Now, {view.zone}", icon=":material/history:", help="Set the clock back, choose the time zone"):
        _clock_field(view)
        with st.container(horizontal=True, gap="small"):
            _button("Story", "skip_previous", "story_back", _step_story, -1, _BACK_TO_STORY, None)
            if view.story is not None:
                told = "To when the chosen story became known"
                st.button("At the story", key="replay_at_story", on_click=_at_story, args=(view.story,), help=told)
        zone_field(view)
    _button(f"Back {length}", "chevron_left", "bar_back", _step_bar, -steps, help_, "B")


def _clock_field(view: View) -> None:
    key = _CLOCK if view.known_at is None else f"{_CLOCK}_set"
    st.session_state[key] = "" if view.known_at is None else written(view.known_at, view.zone)
    st.text_input(
        f"Known at ({view.zone})",
        key=key,
        on_change=_clock_typed,
        args=(view.zone, key),
        placeholder="now",
        help="Shows what was known at that moment and nothing later, such as 2025-03-28 14:05. Empty: now",
        icon=":material/history:",
        width=215,
    )


def zone_field(view: View) -> None:
    st.session_state[_ZONE] = view.zone
    st.selectbox("Time zone", _zones_here(), key=_ZONE, format_func=_zone_label, on_change=_zone_picked, width=215)


def banner(view: View) -> str:
    """ "Known at 2025-03-28 10:05 EDT (America/New_York), 2025-03-28 14:05 UTC. Nothing later is shown." """
    at = view.known_at
    seconds = "" if at == at.floor("min") else f" and {(at - at.floor('min')).total_seconds():g} s"
    there = "" if view.zone == "UTC" else f"{words.when(at, zone=view.zone, full=True)}, "
    return f"Known at {there}{words.when(at)}{seconds}. Nothing later is shown."


def _button(label, icon, key, act, argument, help_, shortcut) -> None:
    st.button(
        label,
        key=f"replay_{key}",
        icon=f":material/{icon}:",
        on_click=act,
        args=(argument,),
        help=help_,
        shortcut=shortcut,
    )


def _zones_here() -> tuple[str, ...]:
    """Every zone, that of the browser second."""
    here = browser_zone()
    return zones() if here is None else tuple(dict.fromkeys(("UTC", here, *zones())))


def browser_zone() -> str | None:
    here = st.context.timezone
    return here if here in zones() else None


def _zone_label(zone: str) -> str:
    return f"{zone} (this browser’s)" if zone == browser_zone() else zone


# ── setting it ────────────────────────────────────────────────────────────────────────────────────────


def _go(at: pd.Timestamp | None) -> None:
    if at is None or at >= pd.Timestamp.now(UTC):
        st.query_params.pop(_KNOWN_AT, None)
    else:
        st.query_params[_KNOWN_AT] = stamp(max(at, FIRST_DAY))


def _clock_typed(zone: str, key: str) -> None:
    text = st.session_state[key].strip()
    if text.lower() in ("", "now"):
        return _go(None)
    try:
        at = typed(text, zone)
    except ValueError as error:
        st.session_state[_NOTE] = f"“{text[:40]}” does not set the clock: {error}."
        return None
    return _go(at)


def _step_bar(seconds: int) -> None:
    step, at = pd.Timedelta(seconds=abs(seconds)), clock() or _newest()
    _go(at.ceil(step) - step if seconds < 0 else at.floor(step) + step)


def _newest() -> pd.Timestamp:
    """When the last of what is stored became known, at most now."""
    at, now = cached.snapshot(), pd.Timestamp.now(UTC).as_unit("us")
    bars, story = cached.coverage(at), queries.neighbour_known(at, None, -1)
    closes = bars["last_open"] + pd.to_timedelta(bars["interval"].map(INTERVAL_S), unit="s")
    return min([now, max([*closes, *story["known_at"]], default=now)])


def _step_story(step: int) -> None:
    found = queries.neighbour_known(cached.snapshot(), clock(), step)
    if found.empty:
        when = "before" if step < 0 else "after"
        st.session_state[_NOTE] = f"No story that is stored became known {when} that."
        return
    _go(found["known_at"].iloc[0])
    st.query_params[_STORY] = found["story_id"].iloc[0]
    st.query_params.pop("copy", None)


def _at_story(story_id: str) -> None:
    at = cached.snapshot()
    led = cached.story_redirect(at, story_id)
    found = queries.stories(at, story_id=led["story_id"].iloc[0]) if len(led) else led
    if found.empty:
        st.session_state[_NOTE] = "The story named in the address is not in this lake."
    else:
        _go(found["known_at"].iloc[0])


def _zone_picked() -> None:
    zone = st.session_state[_ZONE]
    if zone == "UTC":
        st.query_params.pop(_TZ, None)
    else:
        st.query_params[_TZ] = zone
