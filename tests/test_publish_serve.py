"""The site on this machine: what is in it, for whoever asks by this machine's name, and nothing else."""

import asyncio
import gzip
import http.client
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from sanshi_report.publish import serve as server


@contextmanager
def serving(folder):
    """Give the port that a folder is served at."""
    found, loop = [], asyncio.new_event_loop()
    ready = threading.Event()

    def told(address):
        found.append(int(address.rstrip("/").rpartition(":")[2]))
        ready.set()

    task = loop.create_task(server.serve(folder, told))

    def run():
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(20)
    yield found[0]
    loop.call_soon_threadsafe(task.cancel)
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    home = tmp_path_factory.mktemp("serve")
    (home / "secret.txt").write_text("secret")
    (home / "site-2").mkdir()
    (home / "site-2/secret.txt").write_text("secret")
    folder = home / "site"
    (folder / "2024-06/former").mkdir(parents=True)
    (folder / "index.html").write_text("<p>2024年6月</p>", encoding="utf-8")
    (folder / "2024-06/通报.html").write_text("<p>通报</p>", encoding="utf-8")
    (folder / "2024-06/index.html").write_text("a folder's own page")
    (folder / "2024-06/link.txt").symlink_to(home / "secret.txt")
    (folder / "linked").symlink_to(home)
    return folder


@pytest.fixture(scope="module")
def port(site):
    with serving(site) as port:
        yield port


def ask(port, path="/", method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value.format(port=port))
    connection.endheaders()
    answer = connection.getresponse()
    return answer, answer.read()


def say(port, text):
    """Return the first line of the answer to whatever is said."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(text.replace("\n", "\r\n").format(port=port).encode("latin-1"))
        return line.makefile("rb").readline().decode().strip()


def test_the_site_opens_at_its_first_page(port):
    answer, body = ask(port)
    assert (answer.status, body.decode()) == (200, "<p>2024年6月</p>")


def test_a_file_with_a_chinese_name_is_found(port):
    assert ask(port, "/2024-06/%E9%80%9A%E6%8A%A5.html")[1].decode() == "<p>通报</p>"


def test_head_says_how_long_a_file_is_and_sends_none(port):
    answer, body = ask(port, method="HEAD")
    assert (answer.status, answer.headers["Content-Length"], body) == (200, "18", b"")


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1:{port}", "[::1]:{port}"])
def test_this_machine_s_own_names_are_answered(port, host):
    assert ask(port, Host=host)[0].status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "localhost",
        "localhost:1",
        "127.0.0.1",
        "127.0.0.2:{port}",
        "localhost.:{port}",
        "localhost:{port}.evil.example",
        "0.0.0.0:{port}",
    ],
)
@pytest.mark.parametrize("path", ["/", "/nothing"])
def test_another_host_s_name_is_misdirected(port, host, path):
    answer, body = ask(port, path, Host=host)
    assert (answer.status, body) == (421, b"421 Misdirected Request\n")


@pytest.mark.parametrize(
    "path",
    [
        "/2024-06",
        "/2024-06/",
        "/2024-06/former/",
        "/2024-06/link.txt",
        "/linked/secret.txt",
        "/linked/site/index.html",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/2024-06/../../secret.txt",
        "/..%5csecret.txt",
        "/../site-2/secret.txt",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/%00",
        "/index.html%00",
        "/index.html%00.txt",
        "/index.html/",
        "/index.html/x",
        "/%0d%0aX:%20y",
        "/%ff%fe",
        "/%E2%80%AEx",
        "/C:/Windows",
        "/.git/config",
        "/" + "a" * 5_000,
        "/index.html;x",
        "/~root",
        "*",
    ],
)
def test_what_is_no_file_of_the_site_is_not_found(port, path):
    answer, body = ask(port, path)
    assert answer.status in (400, 404)
    assert b"secret" not in body
    assert b"former" not in body


def test_a_name_that_no_header_may_hold_is_refused(port):
    assert ask(port, Host="evil.example#localhost:{port}")[0].status == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"])
def test_nothing_but_reading_is_answered(port, method):
    assert ask(port, method=method)[0].status == 405


@pytest.mark.parametrize(
    "text",
    [
        "GET\n\n",
        "GET http://evil.example/ HTTP/1.1\nHost: localhost:{port}\n\n",
        "GET / HTTP/1.1\n\n",
        "GET / HTTP/1.1\nHost: localhost:{port}\nHost: evil.example\n\n",
        "GET / HTTP/1.1\nHost: localhost:{port}\nContent-Length: x\n\n",
        "POST / HTTP/1.1\nHost: localhost:{port}\nContent-Length: 999999999\n\n",
        "GET / HTTP/1.1\nHost: localhost:{port}\nX: " + "a" * 20_000 + "\n\n",
        "\x16\x03\x01\x00\n\n",
    ],
)
def test_what_is_no_proper_request_is_refused(port, text):
    assert say(port, text) in ("HTTP/1.1 400 Bad Request", "HTTP/1.1 404 Not Found", "")


@pytest.mark.parametrize("path", ["/", "/nothing"])
def test_every_answer_says_how_it_may_be_used(port, path):
    headers = ask(port, path)[0].headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert headers["Server"] is None


def test_scripts_of_the_site_may_run_and_no_others(port):
    policy = ask(port)[0].headers["Content-Security-Policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert scripts == "script-src 'self' 'unsafe-inline' data:"


def test_pages_are_sent_compressed_to_whoever_takes_them_so(site, port):
    (site / "long.html").write_text("<p>同</p>" * 10_000, encoding="utf-8")
    answer, body = ask(port, "/long.html", Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(body) < 1_000
    assert gzip.decompress(body).decode() == "<p>同</p>" * 10_000
    assert ask(port, "/long.html")[0].headers["Content-Encoding"] is None


def test_a_page_made_anew_is_shown_anew(port, site):
    (site / "new.html").write_text("a")
    stamp = ask(port, "/new.html")[0].headers["Last-Modified"]
    (site / "new.html").write_text("b")
    answer, body = ask(port, "/new.html", If_Modified_Since=stamp)
    assert (answer.status, body) == (200, b"b")


def test_slow_clients_hold_no_threads_and_are_hung_up_on(site, monkeypatch):
    monkeypatch.setattr(server, "_PATIENCE", 2.0)
    with serving(site) as port:
        threads = threading.active_count()
        slow = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(300)]
        for line in slow:
            line.sendall(b"GET / HTTP/1.1\r\n")
        assert ask(port)[0].status == 200
        assert threading.active_count() == threads
        # A header now and then does not put off the end.
        begun = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() < begun + 5:
                slow[0].sendall(b"X: y\r\n")
                time.sleep(0.1)
        assert time.monotonic() < begun + 4
        assert [line.recv(1) for line in slow[1:]] == [b""] * 299
        for line in slow:
            line.close()


def test_who_does_not_take_an_answer_is_hung_up_on(site, monkeypatch):
    monkeypatch.setattr(server, "_LONGEST", 1.0)
    (site / "large.bin").write_bytes(bytes(30_000_000))
    with serving(site) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
            line.sendall(f"GET /large.bin HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
            time.sleep(2.5)
            taken = 0
            while block := line.recv(1 << 20):
                taken += len(block)
        assert taken < 30_000_000
        assert ask(port)[0].status == 200


def test_connections_beyond_the_limit_are_hung_up_on(site, monkeypatch):
    monkeypatch.setattr(server, "_MOST", 3)
    with serving(site) as port:
        held = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(3)]
        time.sleep(0.3)
        with socket.create_connection(("127.0.0.1", port), timeout=20) as fourth:
            assert fourth.recv(1) == b""
        for line in held:
            line.close()
        time.sleep(0.3)
        assert ask(port)[0].status == 200


def test_a_port_that_is_taken_is_no_hindrance(site, port):
    with serving(site) as other:
        assert other != port
        assert ask(other)[0].status == 200
