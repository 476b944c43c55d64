"""Where the transport connects: to public addresses alone, to the very one it judged, on every redirect."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from replay import Answer, listening

from connectors.addresses import not_public
from connectors.connections import JudgedBackend
from connectors.errors import Blocked, NoAnswer
from connectors.records import Limits, Request
from connectors.transport import Transport

NOW = datetime(2025, 3, 29, tzinfo=UTC)
LIMITS = Limits(timeout_s=5)
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch):
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class Names:
    """Stands in for ``socket.getaddrinfo``: what each name resolves to, in turn; the last stays."""

    def __init__(self, **names):
        self.names = {name.replace("_", "."): list(answers) for name, answers in names.items()}
        self.asked = []

    def __call__(self, host, port, *rest):
        self.asked.append(host)
        answers = self.names.get(host)
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses.split()]


def but_this_machine(address):
    """The rule, with 127.0.0.1 in the part of a public address, where the test's server is."""
    return None if address == "127.0.0.1" else not_public(address)


def ask(transport, url, limits=LIMITS):
    return transport.send(Request(url, NOW), limits)


def port_of(replay):
    return replay.base_url.rpartition(":")[2]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0x7f000001:8080/",
        "https://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://255.255.255.255/",
        "http://224.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:7f00:1::1]/",
        "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
        "http://[fc00::1]/",
        "http://[fe80::1%25eth0]/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://service.localhost/",
    ],
)
@pytest.mark.parametrize("replayed", [False, True])
def test_private_addresses_are_refused_in_every_spelling_replayed_or_not(replay, url, replayed):
    names = Names()
    for asked in (url, "https://data.example/"):
        replay.serve("https://data.example/", Answer(status=302, headers={"Location": url.replace("http:", "https:")}))
        if asked == url or replayed:
            with (
                Transport(replay.base_url if replayed else None, environ={}, resolve=names) as transport,
                pytest.raises(Blocked, match="public addresses"),
            ):
                ask(transport, asked)
    assert names.asked == []
    assert replay.urls() == ["https://data.example/"] * replayed


@pytest.mark.parametrize(
    ("addresses", "named"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("169.254.169.254", "169.254.169.254"),
        ("8.8.8.8 192.168.0.1", "192.168.0.1"),  # a mixed answer is refused as a whole
        ("8.8.8.8 2606:4700::1 ::1", "::1"),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.1"),
        ("64:ff9b::7f00:1", "64:ff9b::7f00:1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("0.0.0.0", "0.0.0.0"),
    ],
)
def test_a_name_that_leads_to_a_private_address_is_refused(addresses, named):
    names = Names(inside_example=[addresses])
    with (
        Transport(environ={}, resolve=names) as transport,
        pytest.raises(Blocked, match=rf"inside\.example is at {named.replace('.', '[.]')}, which is .*only public"),
    ):
        ask(transport, "https://inside.example/")
    assert names.asked == ["inside.example"]


def test_a_name_that_changes_its_mind_is_not_asked_twice(replay):
    """DNS rebinding: the address that was judged is the one connected to."""
    replay.serve("https://feed", b"from the judged address")
    names = Names(rebind_example=["127.0.0.1", "10.0.0.1"])
    with Transport(environ={}, resolve=names, refusal=but_this_machine) as transport:
        answer = ask(transport, f"http://rebind.example:{port_of(replay)}/feed")
    assert answer.body == b"from the judged address"
    assert names.asked == ["rebind.example"]
    assert replay.asked[0].headers["host"] == f"rebind.example:{port_of(replay)}"


def test_every_new_connection_is_judged_anew(replay):
    replay.serve("https://feed", b"once")  # the server closes after each answer
    names = Names(rebind_example=["127.0.0.1", "10.0.0.1"])
    with Transport(environ={}, resolve=names, refusal=but_this_machine) as transport:
        ask(transport, f"http://rebind.example:{port_of(replay)}/feed")
        with pytest.raises(Blocked, match=r"rebind\.example is at 10\.0\.0\.1"):
            ask(transport, f"http://rebind.example:{port_of(replay)}/feed")


def test_a_redirect_to_a_name_that_leads_inside_is_refused(replay):
    names = Names(data_example=["127.0.0.1"], inside_example=["10.0.0.1"])
    replay.serve("https://feed", Answer(status=302, headers={"Location": "http://inside.example/admin"}))
    with (
        Transport(environ={}, resolve=names, refusal=but_this_machine) as transport,
        pytest.raises(Blocked, match=r"inside\.example is at 10\.0\.0\.1, which is an address of a private"),
    ):
        ask(transport, f"http://data.example:{port_of(replay)}/feed")
    assert names.asked == ["data.example", "inside.example"]


def test_a_second_address_is_tried_where_the_first_does_not_answer(replay):
    replay.serve("https://feed", b"from the second")
    names = Names(data_example=["127.0.0.2 127.0.0.1"])  # nothing listens at 127.0.0.2
    with Transport(environ={}, resolve=names, refusal=lambda _: None) as transport:
        assert ask(transport, f"http://data.example:{port_of(replay)}/feed").body == b"from the second"


def test_a_name_that_is_none_is_no_answer():
    with (
        Transport(environ={}, resolve=Names()) as transport,
        pytest.raises(NoAnswer, match=r"nowhere\.example can't be looked up.*check the network"),
    ):
        ask(transport, "https://nowhere.example/")


def test_a_name_that_no_look_up_takes_is_blocked():
    def resolve(*question):
        raise UnicodeError("label too long")

    with Transport(environ={}, resolve=resolve) as transport, pytest.raises(Blocked, match="label too long"):
        ask(transport, f"https://{'a' * 70}.example/")


@pytest.mark.parametrize(
    "location",
    [
        "http://data.example/plain",  # from https to plain http
        "file:///etc/passwd",
        "ftp://data.example/",
        "javascript:alert(1)",
        "https://127.0.0.1/admin",
        "http://[bad",
        "//127.0.0.1/",
        "https://data.example:0/",
    ],
)
def test_redirects_out_of_bounds_are_blocked(replay, location):
    replay.serve("https://data.example/", Answer(status=302, headers={"Location": location}))
    with Transport(replay.base_url, environ={}) as transport, pytest.raises(Blocked, match="redirects"):
        ask(transport, "https://data.example/")
    assert replay.urls() == ["https://data.example/"]


def test_a_redirect_from_http_to_https_is_followed(replay):
    replay.serve("http://data.example/", Answer(status=301, headers={"Location": "https://data.example/x"}))
    replay.serve("https://data.example/x", b"safer")
    with Transport(replay.base_url, environ={}) as transport:
        assert ask(transport, "http://data.example/").body == b"safer"


@pytest.mark.parametrize("start", ["http", "https"])
def test_a_redirect_to_another_port_of_the_replay_server_is_blocked(replay, make_replay, start):
    other = make_replay()
    replay.serve(f"{start}://data.example/", Answer(status=302, headers={"Location": f"{other.base_url}/x"}))
    with Transport(replay.base_url, environ={}) as transport, pytest.raises(Blocked):
        ask(transport, f"{start}://data.example/")
    assert other.asked == []


def test_the_origin_of_base_url_alone_may_be_redirected_to(replay):
    """By its exact scheme, host and port; it is asked as it stands, being no real host to be mapped."""
    replay.serve("https://data.example/", Answer(status=302, headers={"Location": f"{replay.base_url}/data.example/x"}))
    replay.serve("https://data.example/x", b"as it stands")
    with Transport(replay.base_url, environ={}) as transport:
        assert ask(transport, "https://data.example/").body == b"as it stands"
        for near in (replay.base_url.replace("127.0.0.1", "localhost"), replay.base_url.replace("http", "https")):
            replay.serve("https://data.example/", Answer(status=302, headers={"Location": near}))
            with pytest.raises(Blocked):
                ask(transport, "https://data.example/")


def test_another_port_of_the_exempt_machine_is_not_exempt(replay):
    port = int(port_of(replay))
    backend = JudgedBackend(socket.getaddrinfo, not_public, time.monotonic, exempt=("127.0.0.1", port))
    backend.connect_tcp("127.0.0.1", port, timeout=time.monotonic() + 5).close()
    for host, other in (("127.0.0.1", port + 1), ("127.0.0.2", port), ("127.1", port)):
        with pytest.raises(Blocked, match="an address of this machine"):
            backend.connect_tcp(host, other, timeout=time.monotonic() + 5)


def test_base_url_may_be_a_private_name(replay):
    replay.serve("https://data.example/", b"replayed")
    names = Names(replay_internal=["127.0.0.1"])
    with Transport(f"http://replay.internal:{port_of(replay)}", environ={}, resolve=names) as transport:
        assert ask(transport, "https://data.example/").body == b"replayed"


@pytest.fixture
def certified(tmp_path):
    """A server over TLS that is certified for data.example alone, and what it was told: (port, names, requests)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "data.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("data.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *private) + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    names, requests = [], []
    context.sni_callback = lambda _, name, __: names.append(name)

    def serve(connection, closing):
        with context.wrap_socket(connection, server_side=True) as wrapped:
            requests.append(wrapped.recv(65_536).decode())
            wrapped.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody")

    with listening(serve) as port:
        yield port, names, requests, pem


def test_the_certificate_is_checked_for_the_host_and_not_for_the_address(certified, monkeypatch):
    port, names, requests, pem = certified
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    resolve = Names(data_example=["127.0.0.1"], other_example=["127.0.0.1"])
    with Transport(environ={}, resolve=resolve, refusal=but_this_machine) as transport:
        assert ask(transport, f"https://data.example:{port}/x").body == b"body"
        with pytest.raises(NoAnswer, match=r"certificate verify failed.*other\.example"):
            ask(transport, f"https://other.example:{port}/x")
    assert names == ["data.example", "other.example"]
    assert [request.splitlines()[:2] for request in requests] == [["GET /x HTTP/1.1", f"Host: data.example:{port}"]]


def test_a_certificate_nobody_vouches_for_is_refused(certified):
    port, _, requests, _ = certified
    with (
        Transport(environ={}, resolve=Names(data_example=["127.0.0.1"]), refusal=but_this_machine) as transport,
        pytest.raises(NoAnswer, match="certificate verify failed"),
    ):
        ask(transport, f"https://data.example:{port}/x")
    assert requests == []


@pytest.fixture
def proxy(monkeypatch):
    """A proxy on this machine, named by the environment, and the first lines and headers it was sent."""
    heard = []

    def serve(connection, closing):
        heard.append(connection.recv(65_536).decode())
        if heard[-1].startswith("CONNECT"):
            connection.sendall(b"HTTP/1.1 403 Not through here\r\n\r\n")
        else:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nproxied")

    with listening(serve) as port:
        for scheme in ("http", "https"):
            monkeypatch.setenv(f"{scheme}_proxy", f"http://user:hunter2@localhost:{port}")
        yield heard


def test_a_proxy_looks_names_up_and_may_itself_be_private(proxy):
    names = Names(localhost=["127.0.0.1"])
    with Transport(environ={}, resolve=names) as transport:
        assert ask(transport, "http://data.example/x").body == b"proxied"
    assert names.asked == ["localhost"]
    assert proxy[0].startswith("GET http://data.example/x HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic dXNlcjpodW50ZXIy" in proxy[0]  # user:hunter2


def test_a_proxy_that_will_not_connect_is_no_answer_without_its_password(proxy):
    with Transport(environ={}) as transport, pytest.raises(NoAnswer, match=r"proxy would not connect.*403") as caught:
        ask(transport, "https://data.example/x")
    assert proxy[0].startswith("CONNECT data.example:443 HTTP/1.1\r\n")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://2130706433/", "https://[::1]/", "http://localhost/"])
def test_a_proxy_is_not_asked_for_what_is_spelt_as_private(proxy, url):
    with Transport(environ={}) as transport, pytest.raises(Blocked, match="public addresses"):
        ask(transport, url)
    assert proxy == []


def test_hosts_that_need_no_proxy_and_a_base_url_are_asked_straight(proxy, replay, monkeypatch):
    monkeypatch.setenv("no_proxy", "data.example")
    replay.serve("https://x", b"straight")
    replay.serve("https://data.example/x", b"replayed")
    names = Names(data_example=["127.0.0.1"])
    with Transport(environ={}, resolve=names, refusal=but_this_machine) as transport:
        assert ask(transport, f"http://data.example:{port_of(replay)}/x").body == b"straight"
    with Transport(replay.base_url, environ={}) as transport:
        assert ask(transport, "https://data.example/x").body == b"replayed"
    assert proxy == []


def test_a_proxy_that_cannot_be_used_is_named(monkeypatch):
    monkeypatch.setenv("all_proxy", "socks5://user:hunter2@127.0.0.1:1080")
    with Transport(environ={}) as transport, pytest.raises(Blocked, match="through a socks5 proxy") as caught:
        ask(transport, "https://data.example/")
    assert "hunter2" not in str(caught.value)


def test_a_proxy_that_is_no_address_is_named_without_its_password(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://user:hunter2@proxy.example:port")
    with Transport(environ={}) as transport, pytest.raises(Blocked, match="through a proxy, but") as caught:
        ask(transport, "https://data.example/")
    assert "hunter2" not in str(caught.value)


def test_a_look_up_that_outlasts_its_attempt_holds_nothing_up():
    release, began = threading.Event(), threading.Event()

    def resolve(*question):
        began.set()
        release.wait(20)
        return []

    with Transport(environ={}, resolve=resolve) as transport, pytest.raises(NoAnswer, match=r"within 0\.1 s"):
        ask(transport, "https://slow.example/", Limits(timeout_s=0.1))
    assert began.is_set()
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "look up slow.example")
    release.set()
