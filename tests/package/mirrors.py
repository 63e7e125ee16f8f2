"""A local server in the place of the internet: it serves small stand-ins, and it can fail in every way."""

import gzip
import hashlib
import struct
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

NAMES = {"train": 1200, "t10k": 200}


def fashion_mnist():
    """The four files of Fashion-MNIST with few pictures: a class is a bright row, and so can be learned."""
    rng = np.random.default_rng(0)
    files = {}
    for name, n in NAMES.items():
        y = (np.arange(n) % 10).astype(np.uint8)
        x = rng.integers(0, 100, (n, 28, 28)).astype(np.uint8)
        x[np.arange(n), 2 * y + 4] = 255
        for kind, values in {"images-idx3": x, "labels-idx1": y}.items():
            header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
            files[f"{name}-{kind}-ubyte.gz"] = gzip.compress(header + values.tobytes(), mtime=0)
    return files


def registry(files, mirrors):
    """What data/downloads.toml says, for these files."""
    lines = ["[fashion-mnist]", f"mirrors = {mirrors}", "[fashion-mnist.files]"]
    lines += [f'"{name}" = "md5:{hashlib.md5(content).hexdigest()}"' for name, content in files.items()]
    return "\n".join(lines)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        fault, name = self.path.strip("/").split("/")
        self.server.requests.append(self.path)
        content = self.server.files.get(name)
        if fault in ("404", "503"):
            self.send_error(int(fault))
            return
        length = len(content)
        if fault == "truncated":
            length = len(content) // 2  # an honest length of half a file
        if fault == "wrong":
            content = content[:-1] + b"?"
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if fault in ("cut", "stall"):
            self.wfile.write(content[: length // 2])
            self.wfile.flush()
            if fault == "stall":
                self.server.enough.wait(60)
            self.close_connection = True
            return
        self.wfile.write(content[:length])

    def log_message(self, *_):
        """Say nothing."""


class Server(ThreadingHTTPServer):
    request_queue_size = 64  # many may call at once


@contextmanager
def serving(files):
    """Serve files under /ok/NAME, and badly under /404/NAME, /503/NAME, /truncated/NAME and so on."""
    server = Server(("127.0.0.1", 0), Handler)
    server.files, server.requests, server.enough = files, [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.requests
    finally:
        server.enough.set()
        server.shutdown()
        server.server_close()
