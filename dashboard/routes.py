"""What the server answers beside the pages: ``/api`` for programs, ``/export`` for spreadsheets and scripts.

``/healthz`` is Streamlit's and answers 200 whatever happens; ``/_stcore/health`` says that the server runs.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.chart.routes import ROUTES as CHART_ROUTES
from dashboard.export_routes import ROUTES as EXPORT_ROUTES

NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def health(_: Request) -> Response:
    """``GET /api/health``: what ``newstape status --json`` prints, without the lake's place.

    200 when every job is fresh, else 503; a lake that cannot be read is a 503 with ``error``. For monitors.
    """
    from connectors.registry import BadRegistry
    from dashboard import report
    from data.home import resolve
    from data.lake import Lake, LakeError

    try:
        found = report.health(Lake(resolve()))
        told = found.as_json()
    except (LakeError, BadRegistry, ValueError) as error:
        # Their messages name places on this machine; `newstape status` says them.
        return _json({"fresh": False, "error": type(error).__name__}, 503)
    del told["home"]
    return _json(told, 200 if found.fresh else 503)


def _json(told: dict[str, object], status: int) -> JSONResponse:
    return JSONResponse(told, status, NO_STORE)


#: Run in threads of their own, beside the pages.
ROUTES = [Route("/{base:path}api/health", health, methods=["GET"]), *CHART_ROUTES, *EXPORT_ROUTES]
