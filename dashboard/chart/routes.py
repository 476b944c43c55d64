"""The chart's script at an address of its own, so that a rerun does not carry it. No Streamlit."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.chart.script import digest, module, packed


def script(request: Request) -> Response:
    """``GET /api/chart/<digest>.js``. 404 for a digest of another version: its page has to be loaded anew."""
    if request.path_params["digest"] != digest():
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    headers["Vary"] = "Accept-Encoding"
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed(), media_type="text/javascript", headers={**headers, "Content-Encoding": "gzip"})
    return Response(module(), media_type="text/javascript", headers=headers)


#: With whatever ``server.baseUrlPath`` puts before it: Streamlit mounts an app's own routes at the root.
ROUTES = [Route("/{base:path}api/chart/{digest}.js", script, methods=["GET"])]
