"""HTTP/1.1 by Python's own server and client: a few hundred different requests on one kept connection, then the client
closes. web.py server | web.py client HOST"""
import argparse
import http.client
import http.server
import random
import time

from say import say

PORT = 8080


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served = 0

    def reply(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        dice = random.Random(self.path)
        if dice.random() < 0.05:
            time.sleep(dice.uniform(0.05, 0.4))
        body = b"x" * dice.randint(0, 400)
        self.send_response(200 if dice.random() < 0.9 else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        Handler.served += 1
        if Handler.served % 100 == 0:
            say("answered request %d" % Handler.served)

    do_GET = do_POST = reply

    def log_message(self, *_):
        pass


def server(_):
    site = http.server.ThreadingHTTPServer(("", PORT), Handler)
    say("listening on port %d" % PORT)
    site.serve_forever()


def client(options):
    dice = random.Random(3)
    site = http.client.HTTPConnection(options.host, PORT, source_address=("", 40300))
    slowest = 0
    for number in range(options.requests):
        body = b"y" * dice.randint(1, 600) if dice.random() < 0.4 else None
        begun = time.monotonic()
        site.request("POST" if body else "GET", "/item/%d" % dice.randint(1, 99999), body)
        site.getresponse().read()
        slowest = max(slowest, time.monotonic() - begun)
        if number == 0:
            say("first of %d requests answered" % options.requests)
        time.sleep(min(1.5, dice.expovariate(1 / 0.03)))
    site.close()
    say("closed: %d requests answered, the slowest after %.3f s" % (options.requests, slowest))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    roles = parser.add_subparsers(required=True)
    roles.add_parser("server").set_defaults(run=server)
    two = roles.add_parser("client")
    two.set_defaults(run=client)
    two.add_argument("host")
    two.add_argument("--requests", type=int, default=250)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
